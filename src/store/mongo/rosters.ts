import type { Connection } from './engine/connect.ts'

/**
 * The members of each group as the log told them last. They are kept apart from the group, because somebody who replaces its
 * document takes its own list of them away, and then nobody could say which members the log has told.
 */
export interface Rosters {
  read(groupId: string): Promise<readonly string[] | undefined>
  /** Keeps the members that the group had before the log told anything. A list that is there already stays. */
  begin(groupId: string, userIds: readonly string[]): Promise<void>
  /**
   * Keeps the members after the entry `rev`, the last that told of any. A list with a higher `rev` stays, in whatever
   * order they come.
   */
  keep(groupId: string, rev: number, userIds: readonly string[]): Promise<void>
}

export function createRosters({ rosters }: Connection): Rosters {
  return {
    async read(groupId) {
      const kept = await rosters.findOne({ _id: groupId })
      return kept?.told.user_ids
    },

    async begin(groupId, userIds) {
      const told = { rev: 0, user_ids: [...userIds] }
      await rosters.updateOne({ _id: groupId }, { $setOnInsert: { told } }, { upsert: true })
    },

    async keep(groupId, rev, userIds) {
      const told = { rev, user_ids: [...userIds] }
      await rosters.updateOne({ _id: groupId }, { $max: { told } }, { upsert: true })
    },
  }
}

import type { Connection } from './engine/connect.ts'

/**
 * The members of each group as the log told them last, kept apart from the group: where somebody replaces the group's document, its
 * own list of them is gone, and what was told and what was not could not be told apart.
 */
export interface Rosters {
  read(groupId: string): Promise<readonly string[] | undefined>
  /** What was so before the log told anything. A list that is there already stays. */
  begin(groupId: string, userIds: readonly string[]): Promise<void>
  /** The entry `rev` was the last to tell of members. Of two, the one with the higher `rev` counts, whichever is kept first. */
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

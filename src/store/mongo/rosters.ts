import type { Connection } from './engine/connect.ts'
import { lastSeq, majority } from './log/heads.ts'

/**
 * The members of each group as the log told them last. They are kept apart from the group, because somebody who replaces its
 * document takes its own list of them away, and then nobody could say which members the log has told.
 */
export interface Rosters {
  read(groupId: string): Promise<readonly string[] | undefined>
  /** Keeps the members of a new group. What is there already stays. */
  begin(groupId: string, userIds: readonly string[]): Promise<void>
  /** Keeps the members of a group from before our time. What it has already counts as read by them. What is kept already stays. */
  takeOn(groupId: string, userIds: readonly string[]): Promise<void>
  /** To be called when all messages of a group that was taken on have their numbers. Those count as read, too. */
  endTakeOn(groupId: string): Promise<void>
  /**
   * Keeps the members after the entry `rev`, the last that told of any. A list with a higher `rev` stays, in whatever
   * order they come.
   */
  keep(groupId: string, rev: number, userIds: readonly string[]): Promise<void>
}

export function createRosters(connection: Connection): Rosters {
  const { rosters, messages } = connection

  async function keepFirst(groupId: string, userIds: readonly string[], base: number | undefined) {
    const told = { rev: 0, user_ids: [...userIds] }
    const read = base === undefined ? undefined : { read_base: base }
    await rosters.updateOne({ _id: groupId }, { $setOnInsert: { told, ...read } }, { upsert: true })
  }

  return {
    async read(groupId) {
      const kept = await rosters.findOne({ _id: groupId })
      return kept?.told.user_ids
    },

    begin: (groupId, userIds) => keepFirst(groupId, userIds, 0),

    async takeOn(groupId, userIds) {
      const unnumbered = { group_id: groupId, seq: null } as object
      const isWhole = (await messages.findOne(unnumbered, { projection: { _id: 1 } })) === null
      await keepFirst(groupId, userIds, isWhole ? await lastSeq(connection, groupId, majority) : undefined)
    },

    async endTakeOn(groupId) {
      const unset = { _id: groupId, read_base: null } as object
      if (!(await rosters.findOne(unset, { projection: { _id: 1 } }))) return
      const read_base = await lastSeq(connection, groupId, majority)
      await rosters.updateOne(unset, { $set: { read_base } })
    },

    async keep(groupId, rev, userIds) {
      const told = { rev, user_ids: [...userIds] }
      await rosters.updateOne({ _id: groupId }, { $max: { told } }, { upsert: true })
    },
  }
}

import type { GroupWithMembers } from '../../domain/group.ts'
import type { Connection } from './engine/connect.ts'
import { lastSeq, majority } from './log/heads.ts'

/**
 * The members of each group as the log told them last. They are kept apart from the group, because somebody who replaces its
 * document takes its own list of them away, and then nobody could say which members the log has told.
 */
export interface Rosters {
  read(groupId: string): Promise<{ userIds: readonly string[]; number: number | undefined } | undefined>
  /** Keeps the members of new groups, and their numbers. What is there already stays. */
  begin(groups: readonly GroupWithMembers[]): Promise<void>
  /** Keeps the members of a group from before our time. What it has already counts as read by them. What is kept already stays. */
  takeOn(groupId: string, userIds: readonly string[], number?: number): Promise<void>
  /** To be called when all messages of a group that was taken on have their numbers. Those count as read, too. */
  endTakeOn(groupId: string): Promise<void>
  /**
   * Keeps what the entries up to `rev` told, the last of which told of these users. Costs the same however long the list is,
   * unless some came while others went: then `whole` is asked for the members after it, which it may not know any more. A list
   * with a higher `rev` stays, in whatever order they come.
   */
  follow(groupId: string, rev: number, moves: Moves, whole: () => Promise<string[] | null>): Promise<void>
}

interface Moves {
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** What is kept beside the list, where it is known. */
interface Beside {
  number?: number | null | undefined
  read_base?: number | undefined
}

export function createRosters(connection: Connection): Rosters {
  const { rosters, messages } = connection

  const first = (userIds: readonly string[], { number, read_base }: Beside) => ({
    $setOnInsert: {
      told: { rev: 0, user_ids: [...userIds] },
      ...(number != null && { number }),
      ...(read_base !== undefined && { read_base }),
    },
  })

  /** True when no message of the group is without its number. */
  async function isNumbered(groupId: string): Promise<boolean> {
    const unnumbered = { group_id: groupId, seq: null } as object
    return (await messages.findOne(unnumbered, { projection: { _id: 1 } })) === null
  }

  /** False when the list is not there, or is of a later `rev`. */
  async function move(groupId: string, rev: number, { added, removed }: Moves): Promise<boolean> {
    if (added.length && removed.length) return false
    const operation = added.length
      ? { $push: { 'told.user_ids': { $each: [...added] } } }
      : { $pull: { 'told.user_ids': { $in: [...removed] } } }
    const filter = { _id: groupId, 'told.rev': { $lt: rev } }
    const { matchedCount } = await rosters.updateOne(filter, { ...operation, $set: { 'told.rev': rev } })
    return matchedCount > 0
  }

  return {
    async read(groupId) {
      const kept = await rosters.findOne({ _id: groupId })
      return kept?.told && { userIds: kept.told.user_ids, number: kept.number }
    },

    async begin(groups) {
      const writes = groups.map(({ id, authorizedUserIds, number }) => ({
        updateOne: {
          filter: { _id: id },
          update: first(authorizedUserIds, { number, read_base: 0 }),
          upsert: true,
        },
      }))
      await rosters.bulkWrite(writes, { ordered: false })
    },

    async takeOn(groupId, userIds, number) {
      const read_base = (await isNumbered(groupId)) ? await lastSeq(connection, groupId, majority) : undefined
      await rosters.updateOne({ _id: groupId }, first(userIds, { number, read_base }), { upsert: true })
    },

    async endTakeOn(groupId) {
      const unset = { _id: groupId, read_base: null } as object
      if (!(await rosters.findOne(unset, { projection: { _id: 1 } }))) return
      // Whoever numbers the rest comes here again.
      if (!(await isNumbered(groupId))) return
      const read_base = await lastSeq(connection, groupId, majority)
      await rosters.updateOne(unset, { $set: { read_base } })
    },

    async follow(groupId, rev, moves, whole) {
      if (await move(groupId, rev, moves)) return
      const user_ids = await whole()
      if (!user_ids) return
      await rosters.updateOne({ _id: groupId }, { $max: { told: { rev, user_ids } } }, { upsert: true })
    },
  }
}

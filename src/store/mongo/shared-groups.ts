import type { Connection } from './engine/connect.ts'

/** Tells with which of these users the user shares a group. */
export function createSharing({ groups, causal }: Pick<Connection, 'groups' | 'causal'>) {
  return (userId: string, others: readonly string[]): Promise<ReadonlySet<string>> =>
    causal.read(async (options) => {
      const shared = new Set<string>()
      // One after the other, because a session takes one command at a time, and each ends with the first group found.
      for (const other of others) {
        const filter = { authorized_user_ids: { $all: [userId, other] }, ver: { $exists: true } } as object
        if (await groups.findOne(filter, { ...options, projection: { _id: 1 } })) shared.add(other)
      }
      return shared
    })
}

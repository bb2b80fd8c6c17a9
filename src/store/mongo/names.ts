import type { Naming } from '../../domain/naming.ts'
import type { NameStore } from '../names.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'

/** A name's document outlives its group, which it names for as long as there is one. */
export interface Names extends NameStore {
  /** Gives the name to a group that is about to be made. Resolves to false when the name has had another group since. */
  give(naming: Naming, groupId: string): Promise<boolean>
  /**
   * Whether the group has the name. To be asked when the group was made, because it may have been made, and deleted, by somebody else
   * since it was given the name.
   */
  isOf(naming: Naming, groupId: string): Promise<boolean>
  /** To be called before a group is deleted, whether it has a name or not. To do it again changes nothing. */
  release(groupId: string): Promise<void>
}

export function createNames({ names, causal }: Connection): Names {
  /** Resolves to false when the name has another incarnation, and with `isFirst` also when somebody else just gave it. */
  async function set({ name, incarnation }: Naming, groupId: string, isFirst: boolean): Promise<boolean> {
    try {
      const given = await names.updateOne(
        { _id: name, incarnation },
        { $set: { group_id: groupId } },
        { upsert: isFirst },
      )
      return given.matchedCount + given.upsertedCount > 0
    } catch (error) {
      if (isFirst && isDuplicate(error)) return false
      throw error
    }
  }

  return {
    async incarnation(name) {
      const doc = await causal.read((options) => names.findOne({ _id: name }, options))
      return doc?.incarnation ?? 0
    },

    give: async (naming, groupId) =>
      (naming.incarnation === 0 && (await set(naming, groupId, true))) || set(naming, groupId, false),

    isOf: async ({ name, incarnation }, groupId) =>
      (await names.findOne({ _id: name, incarnation, group_id: groupId })) !== null,

    async release(groupId) {
      await names.updateOne({ group_id: groupId }, { $inc: { incarnation: 1 }, $unset: { group_id: '' } })
    },
  }
}

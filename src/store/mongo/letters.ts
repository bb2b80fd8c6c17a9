import type { Filter } from 'mongodb'
import { groupEndLetter, type Letter } from '../../domain/letter.ts'
import type { LetterStore } from '../letters.ts'
import type { Connection } from './engine/connect.ts'
import type { LetterDoc } from './own-documents.ts'

const isDead: Filter<LetterDoc> = { due_at: null }
const isWaiting: Filter<LetterDoc> = { due_at: { $ne: null } }
const states = { all: {}, waiting: isWaiting, dead: isDead }

export function createLetters({ letters, causal }: Pick<Connection, 'letters' | 'causal'>): LetterStore {
  const named = (ids: readonly string[]): Filter<LetterDoc> => ({ _id: { $in: [...ids] } })
  const drop = async (which: Filter<LetterDoc>) =>
    (await letters.deleteMany({ $and: [isDead, which] })).deletedCount

  return {
    async put(all) {
      const replacements = all.map((each) => {
        const { _id, ...replacement } = docOf(each)
        return { replaceOne: { filter: { _id }, replacement, upsert: true } }
      })
      if (replacements.length) await letters.bulkWrite(replacements)
    },

    async remove(ids) {
      await letters.deleteMany(named(ids))
    },

    async postpone(groupId, until) {
      await letters.updateMany({ group_id: groupId, due_at: { $lt: until } }, { $set: { due_at: until } })
    },

    dueGroups: (by, limit) =>
      causal.read(async (options) => {
        const page = { ...options, projection: { group_id: 1 }, sort: { due_at: 1, at: 1 }, limit } as const
        const docs = await letters.find({ due_at: { $lte: by } }, page).toArray()
        return [...new Set(docs.map(({ group_id }) => group_id))]
      }),

    listWaiting: (groupId, limit) =>
      causal.read(async (options) => {
        const page = { ...options, sort: { at: 1, nth: 1 }, limit } as const
        const docs = await letters.find({ group_id: groupId, ...isWaiting }, page).toArray()
        return docs.map(letterOf)
      }),

    list: (state, limit) =>
      causal.read(async (options) => {
        const page = { ...options, sort: { at: -1, nth: -1 }, limit } as const
        return (await letters.find(states[state], page).toArray()).map(letterOf)
      }),

    count: () =>
      causal.read(async (options) => ({
        waiting: await letters.countDocuments(isWaiting, options),
        dead: await letters.countDocuments(isDead, options),
      })),

    async retry(ids, at) {
      const asNew = { $set: { due_at: at, attempts: 0, since: null } }
      return (await letters.updateMany(ids ? named(ids) : {}, asNew)).matchedCount
    },

    drop: (ids) => drop(ids ? named(ids) : {}),
    trim: (before) => drop({ at: { $lt: before } }),
  }
}

/** To be called when the group is gone. */
export async function putGroupEnd(
  { letters }: Pick<Connection, 'letters'>,
  groupId: string,
  at: number,
): Promise<void> {
  const { _id, ...$setOnInsert } = docOf(groupEndLetter(groupId, at))
  await letters.updateOne({ _id }, { $setOnInsert }, { upsert: true })
}

export const docOf = ({ id, groupId, entry, dueAt, ...rest }: Letter): LetterDoc => ({
  _id: id,
  group_id: groupId,
  entry,
  due_at: dueAt,
  ...rest,
})

export const letterOf = ({ _id, group_id, entry, due_at, ...rest }: LetterDoc): Letter => ({
  id: _id,
  groupId: group_id,
  entry,
  dueAt: due_at,
  ...rest,
})

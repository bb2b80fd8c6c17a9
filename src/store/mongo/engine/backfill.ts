import type { BackfillStep, Portion } from '../../backfill.ts'
import type { Connection } from './connect.ts'
import { isDuplicate } from './failure.ts'

/** A step of the background. Its name stays for good; a step that was released is never changed. */
export interface Backfill {
  readonly name: string
  /**
   * Goes on after a position, null at first, for a few records: the position that it came to, or null when nothing is left. Safe
   * to be done again, also by two instances at once: a position is kept after the work, and who has the lease may not know that
   * it is gone.
   */
  portion(after: string | null): Promise<{ next: string | null; count: number }>
}

const recordOf = (name: string): string => `backfill:${name}`
const done = 'done'
const place = 'at:'

export function createBackfillSteps(
  { meta }: Pick<Connection, 'meta'>,
  backfills: readonly Backfill[],
): BackfillStep[] {
  const kept = async (_id: string): Promise<string | null> => (await meta.findOne({ _id }))?.value ?? null

  /** Where another instance came further meanwhile, its position stays. */
  async function keep(_id: string, before: string | null, value: string): Promise<void> {
    try {
      await meta.updateOne({ _id, value: before } as object, { $set: { value } }, { upsert: before === null })
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
  }

  return backfills.map(({ name, portion }) => {
    const _id = recordOf(name)
    return {
      name,
      isDone: async () => (await kept(_id)) === done,

      async portion(): Promise<Portion> {
        const before = await kept(_id)
        if (before === done) return { isDone: true, count: 0 }
        const { next, count } = await portion(before?.slice(place.length) ?? null)
        await keep(_id, before, next === null ? done : place + next)
        return { isDone: next === null, count }
      },
    }
  })
}

/** To be called for a database in which nothing is left to do of these. */
export async function keepAllDone(
  { meta }: Pick<Connection, 'meta'>,
  backfills: readonly Pick<Backfill, 'name'>[],
): Promise<void> {
  for (const { name } of backfills)
    await meta.updateOne({ _id: recordOf(name) }, { $set: { value: done } }, { upsert: true })
}

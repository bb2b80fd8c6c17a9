import type { Connection } from './connect.ts'
import { isDuplicate } from './failure.ts'

/** Takes so many numbers of a counter in a row, none twice, whoever takes where. Resolves to the first of them. */
export async function takeNumbers(
  { meta }: Pick<Connection, 'meta'>,
  counter: string,
  count: number,
): Promise<number> {
  for (;;) {
    try {
      const after = await meta.findOneAndUpdate(
        { _id: counter },
        { $inc: { n: count } },
        { upsert: true, returnDocument: 'after' },
      )
      return (after?.n ?? count) - count + 1
    } catch (error) {
      // Two made the counter at once.
      if (!isDuplicate(error)) throw error
    }
  }
}

import { hash } from 'node:crypto'
import type { Page } from './side.ts'

/** How many records there are, and a sum of their hashes, which is the same in whatever order they come. */
export interface Digest {
  readonly count: number
  readonly sum: string
}

const wrap = 1n << 128n

export async function digestOf(
  pages: AsyncIterable<Page<object>> | Iterable<Page<object>>,
  onPage: (count: number) => void = () => undefined,
): Promise<Digest> {
  let count = 0
  let sum = 0n
  for await (const { records } of pages) {
    for (const record of records) sum += numberOf(record)
    count += records.length
    onPage(records.length)
  }
  return { count, sum: (sum % wrap).toString(16).padStart(32, '0') }
}

/** The fields of a record may stand in any order; within a field, the order counts. */
function numberOf(record: object): bigint {
  const fields = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  const bytes = hash('sha256', JSON.stringify(fields), 'buffer')
  return (bytes.readBigUInt64BE(0) << 64n) | bytes.readBigUInt64BE(8)
}

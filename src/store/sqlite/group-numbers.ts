import type { DatabaseSync } from 'node:sqlite'
import { firstNumber, query } from './engine/columns.ts'

/** The numbers of groups: 1, 2, 3, ..., never the same twice, also after groups were deleted. Only inside a transaction. */
export interface GroupNumbers {
  next(): number
}

export function createGroupNumbers(db: DatabaseSync): GroupNumbers {
  const next = query(
    db,
    `INSERT INTO meta (key, value) VALUES ('group_number', '1')
     ON CONFLICT DO UPDATE SET value = value + 1 RETURNING CAST(value AS INTEGER)`,
    firstNumber,
  )
  return {
    next() {
      const number = next.get()
      if (number === null) throw new Error('The counter of groups gave no number.')
      return number
    },
  }
}

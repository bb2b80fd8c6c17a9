import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { NounCopy, Page } from '../../copy/side.ts'
import { type Columns, query } from '../engine/columns.ts'

/** So many records are read, and written, at a time. */
export const pageSize = 1_000

/** A column of the key, and the field of the record that has it. */
type Key<T> = readonly (readonly [column: string, field: keyof T & string])[]

interface Keyed<T> {
  readonly table: string
  /** What a row of the query is read as. */
  readonly columns: Pick<Columns<T>, 'list' | 'of'>
  /** An index, or the primary key, has it in this order. */
  readonly key: Key<T>
  /** Rows of other groups than those that are there are left to the purge. */
  readonly isLiving?: string
  readonly limit?: number
}

/** Pages of a table in the order of a key. No statement is held open from one to the next. */
export function pagesOf<T extends object>(db: DatabaseSync, of: Keyed<T>) {
  const { table, columns, key, limit = pageSize } = of
  const names = key.map(([column]) => column).join(', ')
  const isLiving = of.isLiving ?? `EXISTS (SELECT 1 FROM groups WHERE id = ${table}.group_id)`
  const select = (where: string) =>
    query(
      db,
      `SELECT ${columns.list} FROM ${table} WHERE ${where} ORDER BY ${names} LIMIT ${limit}`,
      columns.of,
    )
  const first = select(isLiving)
  const next = select(`(${names}) > (${key.map(() => '?').join(', ')}) AND ${isLiving}`)

  return function* dump(after: string | null): Iterable<Page<T>> {
    for (let last = after; ; ) {
      const records: T[] =
        last === null ? first.all() : next.all(...(JSON.parse(last) as (string | number)[]))
      const end = records.at(-1)
      if (!end) return
      last = JSON.stringify(key.map(([, field]) => end[field]))
      yield { records, last }
      if (records.length < limit) return
    }
  }
}

/** A noun whose rows are its records. */
export function copyOfTable<T extends object>(
  db: DatabaseSync,
  of: Keyed<T> & { columns: Columns<T> },
): NounCopy<T> {
  const insert = db.prepare(`INSERT INTO ${of.table} ${of.columns.insert}`)
  return {
    keptIn: [of.table],
    dump: pagesOf(db, of),
    fill(records) {
      for (const record of records) insert.run(...(of.columns.values(record) as SQLInputValue[]))
    },
  }
}

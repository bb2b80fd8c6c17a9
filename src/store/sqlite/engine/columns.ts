import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

/** A prepared query whose rows are read as `T`. */
export interface Query<T> {
  all(...values: SQLInputValue[]): T[]
  get(...values: SQLInputValue[]): T | null
}

/** `Row` is the tuple of the selected columns: for pages this takes half the time of rows as objects. */
export function query<Row extends unknown[], T>(
  db: DatabaseSync,
  sql: string,
  of: (row: Row) => T,
): Query<T> {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  return {
    all: (...values) => (statement.all(...values) as unknown as Row[]).map((row) => of(row)),
    get(...values) {
      const row = statement.get(...values) as unknown as Row | undefined
      return row ? of(row) : null
    },
  }
}

/** How a value is kept where a column can't hold it as it is. */
export interface Codec<T> {
  encode(value: T): SQLInputValue
  /** A JavaScript expression for the value, given one for the column's value. */
  decode(column: string): string
  /** The field is absent where the column is null. */
  readonly isOptional?: boolean
}

export const flag: Codec<boolean> = {
  encode: Number,
  decode: (column) => `${column} === 1`,
}

/** An object as JSON; an empty one is null. */
export const json: Codec<Readonly<Record<string, unknown>>> = {
  encode(value) {
    const text = JSON.stringify(value)
    return text === '{}' ? null : text
  },
  decode: (column) => `${column} === null ? {} : JSON.parse(${column})`,
}

/** A list as JSON; an empty one is null. */
export const list: Codec<readonly string[]> = {
  encode: (value) => (value.length ? JSON.stringify(value) : null),
  decode: (column) => `${column} === null ? [] : JSON.parse(${column})`,
}

export function optional<T extends SQLInputValue>(): Codec<T | undefined> {
  return { encode: (value) => value ?? null, decode: (column) => column, isOptional: true }
}

/** The column of each field, with a codec where it needs one. */
export type Declared<T> = {
  readonly [Field in keyof T]-?: string | readonly [column: string, codec: Codec<T[Field]>]
}

/** A table's columns, declared once, and all that statements need of them. */
export interface Columns<T> {
  /** Their names, for a SELECT. */
  readonly list: string
  /** `(a, b) VALUES (?, ?)`, for an INSERT of `values`. */
  readonly insert: string
  /** `a = ?, b = ?`, for an UPDATE by `values`. */
  readonly set: string
  values(record: T): SQLInputValue[]
  /** The record in a row of `list`. */
  of(row: unknown[]): T
}

export function columns<T extends object>(declared: Declared<T>): Columns<T> {
  const all = Object.entries<Declared<T>[keyof T]>(declared).map(([field, column]) => {
    const [name, codec] = typeof column === 'string' ? [column, undefined] : column
    return { field: field as keyof T & string, name, codec: codec as Codec<unknown> | undefined }
  })
  const list = all.map(({ name }) => name).join(', ')
  return {
    list,
    insert: `(${list}) VALUES (${all.map(() => '?').join(', ')})`,
    set: all.map(({ name }) => `${name} = ?`).join(', '),
    values: (record) =>
      all.map(({ field, codec }) => (codec ? codec.encode(record[field]) : (record[field] as SQLInputValue))),
    of: compile(all),
  }
}

interface Column {
  field: string
  name: string
  codec: Codec<unknown> | undefined
}

/**
 * Makes the function that one would write by hand for this table. It runs for each row of each page, and a loop over the
 * fields would take five times as long. Its text comes from the declaration alone, never from data.
 */
function compile<T>(all: readonly Column[]): (row: unknown[]) => T {
  const valueAt = (index: number) => all[index]?.codec?.decode(`row[${index}]`) ?? `row[${index}]`
  const fields = all.flatMap(({ field, codec }, i) =>
    codec?.isOptional ? [] : [`${JSON.stringify(field)}: ${valueAt(i)}`],
  )
  const optionals = all.flatMap(({ field, codec }, i) =>
    codec?.isOptional ? [`if (row[${i}] !== null) record[${JSON.stringify(field)}] = ${valueAt(i)}`] : [],
  )
  const body = `const record = { ${fields.join(', ')} }\n${optionals.join('\n')}\nreturn record`
  return new Function('row', body) as (row: unknown[]) => T
}

export const firstText = ([value]: [string]): string => value
export const firstNumber = ([value]: [number]): number => value

/** The result codes that are told apart here: https://www.sqlite.org/rescode.html */
export const sqlite = {
  busy: 5,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
  /** The shared-memory file can't grow, because the disk is full. An extended code of ioError. */
  shmSize: 4_874,
} as const

export interface SqliteError extends Error {
  errcode: number
}

export const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

/** An extended code without its extension. */
export const primaryCode = (error: SqliteError): number => error.errcode & 0xff

/**
 * What an error inside a transaction means for it.
 * `full`, `busy`: nothing was written; it may work later. `fatal`: what is on the disk is unknown, or the disk can't be
 * trusted: no further write may be acknowledged. `bug`: the statement or its values are wrong, the database is fine.
 */
export type Verdict = 'full' | 'busy' | 'fatal' | 'bug'

/** `committing` is true for an error of COMMIT: any but a full disk then leaves the outcome unknown. */
export function verdict(error: unknown, committing: boolean): Verdict {
  if (!isSqliteError(error)) return 'bug'
  const code = primaryCode(error)
  if (code === sqlite.full) return 'full'
  if (committing) return 'fatal'
  if (error.errcode === sqlite.shmSize) return 'full'
  if (code === sqlite.busy) return 'busy'
  return distrusted.has(code) ? 'fatal' : 'bug'
}

const distrusted: ReadonlySet<number> = new Set([
  sqlite.noMemory,
  sqlite.readOnly,
  sqlite.ioError,
  sqlite.corrupt,
  sqlite.cannotOpen,
  sqlite.notADatabase,
])

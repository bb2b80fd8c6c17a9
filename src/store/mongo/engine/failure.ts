import { MongoBulkWriteError, MongoError, MongoServerError } from 'mongodb'
import { ChatError } from '../../../domain/errors.ts'

const retryAfterMs = 1_000

export const unavailable = (cause?: unknown): ChatError =>
  new ChatError('unavailable', 'The database does not answer. Try again in a moment.', {
    retryAfterMs,
    cause,
  })

const isServerError = (error: unknown, ...codes: number[]): boolean =>
  error instanceof MongoServerError && codes.includes(Number(error.code))

/** Errors of a socket that the other side has just ended. Until the driver hears of that, it passes them on as they are. */
const brokenSocket = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])

/** True when looking up `mongodb+srv://` failed: the driver passes on the resolver's error. */
const isLookup = (error: Error): boolean =>
  'syscall' in error && /^query(Srv|Txt)$/.test(String(error.syscall))

/** True when the error came from the database or the way there. Any other error is a bug. */
export const isDatabaseError = (error: unknown): boolean =>
  error instanceof MongoError ||
  (error instanceof Error && (('code' in error && brokenSocket.has(String(error.code))) || isLookup(error)))

/** True when no server was found, or none answered, which may pass in a moment. */
export const mayPass = (error: unknown): boolean =>
  isDatabaseError(error) && (!(error instanceof MongoServerError) || error.hasErrorLabel('RetryableError'))

/** True when the write was refused for what it was, and so has changed nothing. After any other error that is not known. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof ChatError && error.code !== 'unavailable' && error.code !== 'storage_full'

/** True when a unique index refused the write; for a bulk write, when its first error is that. */
export const isDuplicate = (error: unknown): boolean => isServerError(error, 11000)

/**
 * True when another writer was faster, and the server is the primary as far as it knows. A server that does not reach a
 * majority either may have been cut off, and what it alone has must not be built on.
 */
export const isLostRace = (error: unknown): boolean =>
  isDuplicate(error) && !(error instanceof MongoBulkWriteError && error.result?.getWriteConcernError())

/** True when all operations of a bulk write that the server refused were about documents that are there already. */
export const isOnlyDuplicates = (error: unknown): boolean =>
  error instanceof MongoBulkWriteError &&
  [error.writeErrors].flat().every(({ code }) => code === 11000) &&
  !error.result?.getWriteConcernError()

/** The indexes of the operations of a bulk write that the server refused; none when the error is about all, or not known. */
export function failedIndexes(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) return []
  const { writeErrors } = error
  return (Array.isArray(writeErrors) ? writeErrors : [writeErrors]).map(({ index }) => index)
}

/** IndexOptionsConflict: an index over these keys has another name. */
export const existsUnderOtherName = (error: unknown): boolean => isServerError(error, 85)

/**
 * CannotCreateIndex, IndexKeySpecsConflict (another index has its name), or documents that the index would not have let in.
 */
export const canNeverBeMade = (error: unknown): boolean => isServerError(error, 67, 86, 11000)

/** The server knows no commit quorum: BadValue (it stands alone), FailedToParse, IDLUnknownField. */
export const hasNoCommitQuorum = (error: unknown): boolean => isServerError(error, 2, 9, 40415)

/** NamespaceNotFound: nothing was ever written to the collection. */
export const hasNoCollection = (error: unknown): boolean => isServerError(error, 26)

/** The server has no space left. */
export const isFull = (error: unknown): boolean => isServerError(error, 14031)

/**
 * The stream can't go on from its token: InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost.
 */
export const isTokenLost = (error: unknown): boolean => isServerError(error, 260, 280, 286)

/** The server has no change streams: it is no replica set, or no MongoDB. */
export const hasNoStreams = (error: unknown): boolean => isServerError(error, 40573, 40324, 115, 303)

/**
 * The error that the store's callers see. Every error of the database is `unavailable`, also a write concern that was
 * not met, because such a write may be rolled back. Any other error is a bug and stays as it is.
 */
export function toChatError(error: unknown): unknown {
  if (isFull(error)) return new ChatError('storage_full', 'The database has no space left.', { cause: error })
  return isDatabaseError(error) ? unavailable(error) : error
}

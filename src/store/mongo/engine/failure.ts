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

/** How a socket fails that the other side ended a moment ago: until the driver hears of it, it passes these on as they are. */
const brokenSocket = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])

/** Looking up `mongodb+srv://` failed: the driver passes on what the resolver says. */
const isLookup = (error: Error): boolean =>
  'syscall' in error && /^query(Srv|Txt)$/.test(String(error.syscall))

/** It came from the database or the way there. All else is a bug. */
export const isDatabaseError = (error: unknown): boolean =>
  error instanceof MongoError ||
  (error instanceof Error && (('code' in error && brokenSocket.has(String(error.code))) || isLookup(error)))

/** No server was found, or none answered: it may be otherwise in a moment. */
export const mayPass = (error: unknown): boolean =>
  isDatabaseError(error) && (!(error instanceof MongoServerError) || error.hasErrorLabel('RetryableError'))

/** The unique index said no. Of a bulk write: its first error. */
export const isDuplicate = (error: unknown): boolean => isServerError(error, 11000)

/**
 * Another was faster, and the server is the primary as far as it knows. One that does not reach a majority either may have been cut
 * off: what it alone has is no ground to go on from.
 */
export const isLostRace = (error: unknown): boolean =>
  isDuplicate(error) && !(error instanceof MongoBulkWriteError && error.result?.getWriteConcernError())

/** Of a bulk write: all that the server refused was there already. */
export const isOnlyDuplicates = (error: unknown): boolean =>
  error instanceof MongoBulkWriteError &&
  [error.writeErrors].flat().every(({ code }) => code === 11000) &&
  !error.result?.getWriteConcernError()

/** Which operations of a bulk write the server refused; none where the error is of all of it, or not known. */
export function failedIndexes(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) return []
  const { writeErrors } = error
  return (Array.isArray(writeErrors) ? writeErrors : [writeErrors]).map(({ index }) => index)
}

/** IndexOptionsConflict: an index over these keys has another name. */
export const existsUnderOtherName = (error: unknown): boolean => isServerError(error, 85)

/**
 * CannotCreateIndex, IndexKeySpecsConflict (another index has its name), or documents that the index would
 * not have let in.
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
 * What the store's callers see. All that the database says is `unavailable`, also a write concern that was not
 * met: such a write may be rolled back. What is not the database's is a bug and stays as it is.
 */
export function toChatError(error: unknown): unknown {
  if (isFull(error)) return new ChatError('storage_full', 'The database has no space left.', { cause: error })
  return isDatabaseError(error) ? unavailable(error) : error
}

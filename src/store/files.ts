import type { Caller } from '../domain/caller.ts'
import type { FilePosition, StoredFile } from '../domain/file.ts'
import type { Message } from '../domain/message.ts'
import type { HourOfUploads } from '../domain/upload-quota.ts'
import type { Written } from './written.ts'

/**
 * What is known of files; their bytes are BlobStore's. A file belongs to the group that it was uploaded to, and to one message at
 * most: `MessageStore.append` ties it to that, in one with the message, so no message has a file that is not there.
 *
 * A file is shown until its message is deleted, and again when that is restored. When it is removed, when its message is wiped, or
 * when its group ends, it is gone: nobody is shown it, and it waits for `listGone` and `forget`, between which its bytes are removed.
 */
export interface FileStore {
  /**
   * Takes on a file whose bytes lie there already, and counts them to what its uploader may upload in 24 hours. Throws not_found,
   * banned, muted, forbidden, rate_limited (more than `perDay` bytes).
   */
  add(file: StoredFile, by: Caller, perDay: number): Promise<Written<StoredFile>>
  /** What the user uploaded in the last 24 hours, whether or not it is still there. */
  uploaded(userId: string, at: number): Promise<HourOfUploads[]>
  /** A file that is shown, also one without a message. */
  read(id: string): Promise<StoredFile | null>
  /** The files of messages of the group, newest first, after this position. */
  list(groupId: string, page: FilePage): Promise<StoredFile[]>
  /** All files of the user that are not gone, by id: those after this one, also those of deleted messages. */
  listOfUser(userId: string, after: string | null, limit: number): Promise<StoredFile[]>

  /**
   * Keeps files for the message that is about to be appended, which has to have them as they are answered, in this order. It may be
   * asked again for the same message. What is reserved for a message that never comes is free again after some minutes. Throws not_found,
   * banned, muted, forbidden, invalid (a file is not there, is another's or of another group, or has a message).
   */
  reserve(ids: readonly string[], message: ReservingMessage, by: Caller, at: number): Promise<StoredFile[]>
  /**
   * Removes a file, also from its message, which is logged as an edit. Resolves to that message; null where it has none. Throws not_found (also when its message is deleted), banned, forbidden (its uploader, and who may delete others' messages).
   */
  remove(id: string, by: Caller, at: number): Promise<Written<Message | null>>
  /** The same for at most `limit` files of one user, whoever asks. Resolves to what was logged, and to how many there were. */
  removeOfUser(userId: string, limit: number, at: number): Promise<Written<number>>
  /** Makes the files of these messages gone, which are wiped themselves. At most 1,000 ids. */
  removeOfMessages(messageIds: readonly string[]): Promise<void>

  /** Makes at most `limit` files gone that have been without a message since before `before`. Resolves to their number. */
  expire(before: number, limit: number): Promise<number>
  /** Ids of files that are gone. */
  listGone(limit: number): Promise<string[]>
  /** To be called when the bytes of these files are removed: nothing is known of them any more. */
  forget(ids: readonly string[]): Promise<void>
  /** Those of these ids that are files, also gone ones. At most 1,000 ids. */
  known(ids: readonly string[]): Promise<string[]>
}

export interface FilePage {
  readonly limit: number
  /** null: the first page. */
  readonly after: FilePosition | null
}

export interface ReservingMessage {
  readonly id: string
  readonly groupId: string
}

import { ObjectId } from 'mongodb'
import type { MessageDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'

/** What happens to files because something happens to their messages. All of it may be done again. */

type Files = Pick<Connection, 'files'>

const ids = (of: readonly string[]) => ({ $in: of.map((id) => new ObjectId(id)) })

export const makeGone = {
  $set: { gone: true as const },
  $unset: { unsent_since: '' as const, reserved_at: '' as const },
}

/** To be called when these messages are wiped. */
export async function wipeFiles({ files }: Files, messageIds: readonly string[]): Promise<void> {
  await files.updateMany({ message_id: { $in: [...messageIds] }, gone: { $exists: false } }, makeGone)
}

/** To be called when messages were deleted, or restored: their files are hidden, or shown again. */
export async function hideFiles({ files }: Files, docs: readonly MessageDoc[]): Promise<void> {
  const attached = docs.filter(({ attachments }) => attachments?.length)
  const of = (deleted: boolean) => ({
    message_id: {
      $in: attached
        .filter(({ is_deleted }) => (is_deleted === true) === deleted)
        .map(({ _id }) => _id.toHexString()),
    },
  })
  if (attached.some(({ is_deleted }) => is_deleted))
    await files.updateMany(of(true), { $set: { hidden: true } })
  if (attached.some(({ is_deleted }) => !is_deleted))
    await files.updateMany(of(false), { $unset: { hidden: '' } })
}

/**
 * Settles what becomes of files that are reserved for a message: those that it has are its own from now on, and the others are free.
 * `doc` is the message, or null where it does not exist.
 */
export async function settleReserved(
  { files }: Files,
  messageId: string,
  fileIds: readonly string[],
  doc: Pick<MessageDoc, 'attachments'> | null,
  at: Date,
): Promise<void> {
  const has = new Set(doc?.attachments?.map(({ id }) => id))
  const [own, others] = [fileIds.filter((id) => has.has(id)), fileIds.filter((id) => !has.has(id))]
  if (own.length)
    await files.updateMany(
      // The reservation may have been given up meanwhile.
      { _id: ids(own), message_id: { $in: [messageId, null] } } as object,
      { $set: { message_id: messageId }, $unset: { reserved_at: '', unsent_since: '' } },
    )
  if (!others.length) return
  const reserved = { _id: ids(others), message_id: messageId, reserved_at: { $exists: true } }
  await files.updateMany(reserved, {
    $set: { unsent_since: at },
    $unset: { message_id: '', reserved_at: '' },
  })
}

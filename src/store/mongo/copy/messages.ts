import { ObjectId } from 'mongodb'
import type { MessageRecord } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { isNumbered, keptMessage, type MessageDoc, type NumberedDoc, updatedAt } from '../documents.ts'
import { isWiped } from '../edits.ts'
import type { Connection } from '../engine/connect.ts'
import { attachmentFields } from '../file-documents.ts'
import { mentionFields } from '../mentions.ts'
import { deletedPlace } from '../read-documents.ts'
import { answerFields } from '../replies.ts'
import { insertAll, ofLivingGroups, pagesOfLog } from './pages.ts'

export const createMessageCopy = (connection: Connection): NounCopy<MessageRecord> => ({
  keptIn: ['messages'],
  dump: (after) =>
    pagesOfLog(connection.messages, 'seq', after, async (docs) =>
      (await ofLivingGroups(connection, docs)).filter(isNumbered).map(toRecord),
    ),
  fill: (records) => insertAll(connection.messages, records.map(fromRecord)),
})

function toRecord(doc: NumberedDoc): MessageRecord {
  const { reactions: _, pinnedAt: __, ...message } = keptMessage(doc)
  // The older service kept every text, and did not say since when.
  const since = doc.kept_since?.getTime() ?? updatedAt(doc)
  return {
    ...message,
    pinRev: doc.pin_rev ?? 0,
    sendHash: doc.send_hash ?? null,
    reactionsRev: doc.reactions_rev ?? 0,
    keptSince: message.isDeleted && !isWiped(doc) ? since : null,
  }
}

const fromRecord = (record: MessageRecord): MessageDoc => ({
  _id: new ObjectId(record.id),
  group_id: record.groupId,
  sender_id: record.senderId,
  content: record.content,
  created_at: new Date(record.createdAt),
  updated_at: new Date(record.updatedAt),
  is_deleted: record.isDeleted,
  seq: record.seq,
  slot: `${record.groupId}:${record.seq}`,
  ver: record.ver,
  ...(record.clientId !== null && { client_id: record.clientId }),
  ...(record.sendHash !== null && { send_hash: record.sendHash }),
  ...(record.editedAt !== null && { edited_at: new Date(record.editedAt) }),
  ...mentionFields(record),
  ...answerFields(record, record.seq),
  ...(record.replyTo !== null && { is_counted: !record.isDeleted }),
  ...(record.replyCount > 0 && { reply_count: record.replyCount }),
  ...(Object.keys(record.metadata).length && { metadata: JSON.stringify(record.metadata) }),
  ...(record.reactionsRev > 0 && { has_reactions: true, reactions_rev: record.reactionsRev }),
  ...(record.pinRev > 0 && { was_pinned: true, pin_rev: record.pinRev }),
  ...attachmentFields(record),
  ...(record.isDeleted && {
    deleted_place: deletedPlace(record.groupId, record.seq),
    deleted_by: record.deletedBy,
  }),
  // A message whose text is gone and whose files were removed one by one is not wiped, which its list of none says.
  ...(record.keptSince !== null && {
    ...(!record.content && !record.attachments.length && { attachments: [] }),
    kept_since: new Date(record.keptSince),
  }),
})

import { ObjectId } from 'mongodb'
import type { StoredFile } from '../../domain/file.ts'
import type { HourOfUploads } from '../../domain/upload-quota.ts'

/** What a message and a file's own document both have of it. */
interface FileFacts {
  name: string
  type: StoredFile['type']
  size: number
  sha256: string
  width: number | null
  height: number | null
  created_at: Date
  uploaded_by: string
}

/** A file in its message's document, because nothing of it ever changes. */
export interface AttachedDoc extends FileFacts {
  id: string
}

export interface FileDoc extends FileFacts {
  _id: ObjectId
  group_id: string
  /** Since when it has no message; absent as soon as it is reserved for one. */
  unsent_since?: Date
  /** The message that has it, or that it is reserved for. */
  message_id?: string
  /** Since when it is reserved, until it is known that its message was written. */
  reserved_at?: Date
  /** Its message is deleted. */
  hidden?: true
  /** Its bytes are to be removed. */
  gone?: true
}

/** What a user uploaded, by the user's id. */
export interface UploadsDoc {
  _id: string
  /** Raised by each upload: what a concurrent writer has not seen, it can't overwrite. */
  ver: number
  hours: HourOfUploads[]
  at: Date
}

const factsOf = (file: StoredFile): FileFacts => ({
  name: file.name,
  type: file.type,
  size: file.size,
  sha256: file.sha256,
  width: file.width,
  height: file.height,
  created_at: new Date(file.createdAt),
  uploaded_by: file.uploadedBy,
})

export const fromFile = (file: StoredFile): FileDoc => ({
  _id: new ObjectId(file.id),
  group_id: file.groupId,
  ...factsOf(file),
  unsent_since: new Date(file.createdAt),
})

const fromFacts = (id: string, groupId: string, facts: FileFacts): StoredFile => ({
  id,
  groupId,
  name: facts.name,
  type: facts.type,
  size: facts.size,
  sha256: facts.sha256,
  width: facts.width,
  height: facts.height,
  createdAt: facts.created_at.getTime(),
  uploadedBy: facts.uploaded_by,
})

export const toFile = (doc: FileDoc): StoredFile => fromFacts(doc._id.toHexString(), doc.group_id, doc)

/** The field of a message's document that has its files; a message without any has none. */
export const attachmentFields = ({ attachments }: { readonly attachments: readonly StoredFile[] }) => ({
  ...(attachments.length && {
    attachments: attachments.map((file): AttachedDoc => ({ id: file.id, ...factsOf(file) })),
  }),
})

interface Attached {
  readonly group_id: string
  readonly attachments?: readonly AttachedDoc[] | null
}

/** What was written by hand may be of any type. */
export const toAttachments = ({ group_id, attachments }: Attached): readonly StoredFile[] =>
  Array.isArray(attachments)
    ? (attachments as readonly AttachedDoc[]).map((each) => fromFacts(each.id, group_id, each))
    : []

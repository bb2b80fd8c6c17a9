import { type Static, Type } from 'typebox'
import type { FileSort } from './file-type.ts'
import { limits } from './limits.ts'
import { Id, Time, time } from './text.ts'
import { invalid } from './validate.ts'

/** What is known of a file beside its bytes: none of it ever changes. Times are milliseconds since 1970. */
export interface StoredFile {
  readonly id: string
  readonly groupId: string
  /** A safe one, as file-name.ts makes it. */
  readonly name: string
  /** What the bytes themselves show it to be; anything else is `application/octet-stream`. */
  readonly type: FileSort
  /** Bytes. */
  readonly size: number
  /** Of the bytes, in hex. */
  readonly sha256: string
  /** Of an image, in pixels, as its header has it; null where it does not say. */
  readonly width: number | null
  readonly height: number | null
  readonly createdAt: number
  readonly uploadedBy: string
}

/** The files of a message by their ids: none twice. */
export const AttachmentList = Type.Array(Id, {
  maxItems: limits.attachments,
  uniqueItems: true,
  description: 'Files of this group that the sender uploaded. Each goes with one message.',
})

/** How many files a page of a group's files may have. */
export const FileLimit = Type.Integer({ minimum: 1, maximum: limits.pageSize })

export const fileExample = {
  id: '65920080c0ffee0000000003',
  group_id: '65920080c0ffee0000000001',
  name: 'menu.png',
  type: 'image/png',
  size: 48_213,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  width: 1_280,
  height: 720,
  created_at: '2026-01-01T10:59:00.000Z',
  uploaded_by: 'alice',
  url: '/api/chat/files/65920080c0ffee0000000003',
}

export const FileView = Type.Object(
  {
    id: Id,
    group_id: Id,
    name: Type.String(),
    type: Type.String({ description: 'What the bytes show it to be.' }),
    size: Type.Integer({ minimum: 0, description: 'Bytes.' }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    width: Type.Union([Type.Integer(), Type.Null()], { description: 'Pixels, of an image.' }),
    height: Type.Union([Type.Integer(), Type.Null()]),
    created_at: Time,
    uploaded_by: Type.String(),
    url: Type.String({
      description: 'Its path. A token opens it, and POST to its `/link` one for everywhere.',
    }),
  },
  { title: 'File', examples: [fileExample] },
)
export type FileView = Static<typeof FileView>

/** What a file's path is, below the API's prefix. */
export const filePath = (id: string): string => `/files/${id}`

/** `prefix`: what the paths of the API begin with. */
export const fileView = (file: StoredFile, prefix: string): FileView => ({
  id: file.id,
  group_id: file.groupId,
  name: file.name,
  type: file.type,
  size: file.size,
  sha256: file.sha256,
  width: file.width,
  height: file.height,
  created_at: time(file.createdAt),
  uploaded_by: file.uploadedBy,
  url: prefix + filePath(file.id),
})

/** Where a page of files begins: after this one, in the order in which the newest come first. */
export interface FilePosition {
  readonly at: number
  readonly id: string
}

export const formatPosition = ({ at, id }: FilePosition): string => `${at.toString(36)}-${id}`

/** What `formatPosition` makes. */
export const FileCursor = Type.String({
  pattern: '^[0-9a-z]{1,10}-[0-9a-f]{24}$',
  description: 'The `next` of the page before.',
})

export function parsePosition(cursor: string): FilePosition {
  const [at = '', id = ''] = cursor.split('-')
  return { at: Number.parseInt(at, 36), id }
}

/** The message that a file is to go with. */
interface Attaching {
  readonly id: string
  readonly groupId: string
  readonly senderId: string
}

/** A file, and the message that has it, if one has. */
export interface Attachable {
  readonly file: Pick<StoredFile, 'groupId' | 'uploadedBy'>
  readonly messageId: string | null
}

/** `found`: by the ids that the message names, in their order; null for one that is not there. Throws invalid, with an entry for each that can't go with it. */
export function requireAttachable(found: readonly (Attachable | null)[], message: Attaching): void {
  const wrong = found.flatMap((each, index) =>
    each &&
    each.file.groupId === message.groupId &&
    each.file.uploadedBy === message.senderId &&
    (each.messageId === null || each.messageId === message.id)
      ? []
      : [
          {
            field: `attachments.${index}`,
            message: 'is no file of this group that you uploaded and have not sent',
          },
        ],
  )
  if (wrong.length) throw invalid(wrong)
}

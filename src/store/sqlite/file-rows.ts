import type { DatabaseSync } from 'node:sqlite'
import type { StoredFile } from '../../domain/file.ts'
import { firstHour, type HourOfUploads } from '../../domain/upload-quota.ts'
import { type Codec, type Columns, columns, type Declared, query } from './engine/columns.ts'

export const declaredFile: Declared<StoredFile> = {
  id: 'id',
  groupId: 'group_id',
  name: 'name',
  type: 'type',
  size: 'size',
  sha256: 'sha256',
  width: 'width',
  height: 'height',
  createdAt: 'created_at',
  uploadedBy: 'uploaded_by',
}
export const file: Columns<StoredFile> = columns(declaredFile)

/** A file with its state. */
export interface FileRow extends StoredFile {
  readonly messageId: string | null
  /** Its message is deleted. */
  readonly hidden: 0 | 1
}
const row = columns<FileRow>({ ...declaredFile, messageId: 'message_id', hidden: 'hidden' })

/** Finds a file that is not gone. */
export function createFileFind(db: DatabaseSync): (id: string) => FileRow | null {
  const find = query(db, `SELECT ${row.list} FROM files WHERE id = ? AND gone = 0`, row.of)
  return (id) => find.get(id)
}

/** What a user uploaded in the last 24 hours. */
export function createUploadReads(db: DatabaseSync): (userId: string, at: number) => HourOfUploads[] {
  const uploads = query(
    db,
    'SELECT hour, bytes FROM uploads WHERE user_id = ? AND hour >= ?',
    ([hour, bytes]: [number, number]): HourOfUploads => ({ hour, bytes }),
  )
  return (userId, at) => uploads.all(userId, firstHour(at))
}

/** A message's row has its files as JSON, because nothing of them ever changes; null where there are none. */
export const attachmentsColumn: Codec<readonly StoredFile[]> = {
  encode: (value) => (value.length ? JSON.stringify(value) : null),
  decode: (column) => `${column} === null ? [] : JSON.parse(${column})`,
}

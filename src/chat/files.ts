import type { Readable } from 'node:stream'
import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import type { FilePosition, StoredFile } from '../domain/file.ts'
import { safeName } from '../domain/file-name.ts'
import { typeOf } from '../domain/file-type.ts'
import { imageSize } from '../domain/image-size.ts'
import type { Rates } from '../domain/rates.ts'
import { requireQuota } from '../domain/upload-quota.ts'
import type { Hub } from '../hub/hub.ts'
import type { BlobRange } from '../store/blobs.ts'
import type { Store } from '../store/store.ts'
import { membershipFor, readableGroup } from './access.ts'
import { createFileLinks, type FileLink } from './file-links.ts'

export interface Files {
  /**
   * Takes a file as it comes, and resolves when it is durable. Throws not_found, banned, muted, forbidden, rate_limited, storage_full, and
   * what its content fails with.
   */
  upload(by: Caller, groupId: string, upload: NewFile): Promise<StoredFile>
  /** Throws not_found (also when its message is deleted), banned, forbidden (those who may read its group). */
  read(by: Caller, id: string): Promise<StoredFile>
  /** The bytes of a file that was read, or some of them. Throws not_found. */
  bytes(file: StoredFile, range?: BlobRange): Promise<AsyncIterable<Uint8Array>>
  /** What opens the file without a token for five minutes. Throws as `read`. */
  link(by: Caller, id: string): Promise<FileLink>
  /** The file of a link, whose user still has to have access. Throws forbidden (not ours, past its time), and as `read`. */
  follow(link: FileLink): Promise<StoredFile>
  /** The files of the group's messages, newest first. `next` begins the next page. Throws not_found, banned, forbidden. */
  list(
    by: Caller,
    groupId: string,
    page: { limit: number; after: FilePosition | null },
  ): Promise<{ files: StoredFile[]; next: FilePosition | null }>
  /**
   * Removes a file, also from its message. Throws not_found (also when its message is deleted), banned, forbidden (its uploader, admins),
   * rate_limited.
   */
  remove(by: Caller, id: string): Promise<void>
}

/** A file that somebody is sending. */
export interface NewFile {
  /** As they call it, which may be anything. */
  readonly name: string
  readonly content: Readable
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'change'>
  now: () => number
  newId: () => string
  rates: Pick<Rates, 'uploads' | 'edits'>
  uploadBytesPerDay: number
}

export function createFiles(deps: Deps): Files {
  const { store, hub, now, newId, rates, uploadBytesPerDay } = deps
  const links = createFileLinks(deps)

  async function read(by: Caller, id: string): Promise<StoredFile> {
    const file = await store.files.read(id)
    if (!file) throw notFound('file')
    await readableGroup(deps, by, file.groupId)
    return file
  }

  return {
    async upload(by, groupId, { name, content }) {
      rates.uploads.take(by.userId)
      await membershipFor('write', deps, by, groupId)
      // Who may upload nothing more is told so before the file comes, and how much it is counts when it has come.
      requireQuota(await store.files.uploaded(by.userId, now()), 1, uploadBytesPerDay, now())
      const id = newId()
      const { size, sha256, head } = await store.blobs.write(id, content)
      const type = typeOf(head)
      const { width, height } = imageSize(type, head) ?? { width: null, height: null }
      const facts = { id, groupId, name: safeName(name), type, size, sha256, width, height }
      try {
        const file = { ...facts, createdAt: now(), uploadedBy: by.userId }
        return (await store.files.add(file, by, uploadBytesPerDay)).value
      } catch (error) {
        // If this fails as well, a sweep removes what no file has.
        await store.blobs.remove(id).catch(() => undefined)
        throw error
      }
    },

    read,

    async bytes(file, range) {
      const found = await store.blobs.read(file.id, range)
      if (!found) throw notFound('file')
      return found
    },

    async link(by, id) {
      await read(by, id)
      return links.make(by, id)
    },

    async follow(link) {
      await links.check(link)
      return read(link.by, link.fileId)
    },

    async list(by, groupId, { limit, after }) {
      await readableGroup(deps, by, groupId)
      const found = await store.files.list(groupId, { limit: limit + 1, after })
      const files = found.slice(0, limit)
      const last = files.at(-1)
      return { files, next: found.length > limit && last ? { at: last.createdAt, id: last.id } : null }
    },

    async remove(by, id) {
      rates.edits.take(by.userId)
      const { value: message, changes } = await store.files.remove(id, by, now())
      for (const change of changes) hub.change(change, { ...(message && { message }) })
    },
  }
}

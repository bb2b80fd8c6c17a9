import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '../../domain/errors.ts'
import type { Blobs } from '../blobs.ts'
import { createMeasure } from './measure.ts'

/** Where the files of a data folder lie: in folders by the last two digits of their ids, which differ from one to the next. */
export const filesFolder = (dataDir: string): string => join(dataDir, 'files')

/** What is not whole yet. */
const incoming = 'incoming'

export const blobPath = (folder: string, id: string): string => join(folder, id.slice(-2), id)

/** Bytes as files: written under another name, forced to the disk, then renamed. */
export function createDiskBlobs(folder: string): Blobs {
  /** Folders that are known to be there. */
  const made = new Set<string>()

  async function makeFolder(path: string): Promise<void> {
    if (made.has(path)) return
    await mkdir(path, { recursive: true, mode: 0o700 })
    await flushFolder(folder)
    made.add(path)
  }

  return {
    async write(id, content) {
      const [partial, path] = [join(folder, incoming, id), blobPath(folder, id)]
      const measure = createMeasure()
      try {
        await makeFolder(join(folder, incoming))
        await makeFolder(join(folder, id.slice(-2)))
        const handle = await open(partial, 'wx', 0o600)
        try {
          await handle.writeFile(measure.through(content))
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(partial, path)
        await flushFolder(join(folder, id.slice(-2)))
        return measure.end()
      } catch (error) {
        await Promise.all([partial, path].map((each) => rm(each, { force: true }))).catch(() => undefined)
        throw isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT') ? full(error) : error
      }
    },

    async read(id, range) {
      try {
        const handle = await open(blobPath(folder, id))
        return handle.createReadStream(range)
      } catch (error) {
        if (isCode(error, 'ENOENT')) return null
        throw error
      }
    },

    async remove(id) {
      for (const path of [join(folder, incoming, id), blobPath(folder, id)]) await rm(path, { force: true })
    },

    /** A page is a folder. */
    async list(cursor) {
      const [name, next = null] = (await namesIn(folder)).sort().filter((each) => each >= (cursor ?? ''))
      const ids = name === undefined ? [] : await namesIn(join(folder, name))
      return { ids: ids.filter((id) => /^[0-9a-f]{24}$/.test(id)), next }
    },
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const full = (cause: unknown) =>
  new ChatError('storage_full', 'There is no space left to store this.', { cause })

/** A name in a folder is durable when the folder is. */
async function flushFolder(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** None of a folder that is not there. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return []
    throw error
  }
}

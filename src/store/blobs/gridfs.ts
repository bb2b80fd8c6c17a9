import type { Writable } from 'node:stream'
import { type Db, GridFSBucket, type GridFSChunk, type GridFSFile, ObjectId } from 'mongodb'
import type { BlobRange, Blobs } from '../blobs.ts'
import { createMeasure } from './measure.ts'

export const bucketName = 'blobs'

/** So many chunks of 255 KiB are read at once, so that a client that reads slowly holds little memory. */
const chunksAtOnce = 2
const idsAtOnce = 500

export const blobCollections = (db: Db) => ({
  files: db.collection<GridFSFile>(`${bucketName}.files`),
  chunks: db.collection<GridFSChunk>(`${bucketName}.chunks`),
})

/** Bytes in GridFS, whose own record of a file is written after all of its chunks. */
export function createGridFsBlobs(db: Db): Blobs {
  const bucket = new GridFSBucket(db, { bucketName })
  const { files, chunks } = blobCollections(db)

  /** Each request stands alone: a cursor would not outlive a client that reads slowly, and would read far ahead. */
  async function* readChunks(
    { _id, chunkSize }: GridFSFile,
    { start, end }: BlobRange,
  ): AsyncGenerator<Uint8Array> {
    const last = Math.floor(end / chunkSize)
    for (let n = Math.floor(start / chunkSize); n <= last; n += chunksAtOnce) {
      const filter = { files_id: _id, n: { $gte: n, $lt: Math.min(n + chunksAtOnce, last + 1) } }
      const found = await chunks.find(filter, { sort: { n: 1 } }).toArray()
      for (const { n: at, data } of found) {
        const bytes = bytesOf(data)
        const from = at * chunkSize
        yield bytes.subarray(Math.max(0, start - from), Math.min(bytes.length, end + 1 - from))
      }
    }
  }

  async function remove(id: string): Promise<void> {
    const _id = new ObjectId(id)
    // The record goes first: while it is there, the bytes have to be.
    await files.deleteOne({ _id })
    await chunks.deleteMany({ files_id: _id })
  }

  return {
    async write(id, content) {
      const measure = createMeasure()
      try {
        await writeAll(bucket.openUploadStreamWithId(new ObjectId(id), id), measure.through(content))
      } catch (error) {
        await remove(id).catch(() => undefined)
        throw error
      }
      return measure.end()
    },

    async read(id, range) {
      const file = await files.findOne({ _id: new ObjectId(id) })
      return file && readChunks(file, range ?? { start: 0, end: file.length - 1 })
    },

    remove,

    async list(cursor) {
      const since = { $gt: new ObjectId(cursor ?? '0'.repeat(24)) }
      const limit = idsAtOnce
      // A writer that is at work, or crashed, has chunks alone, and a file without any bytes has none.
      const [whole, begun] = await Promise.all([
        files.find({ _id: since }, { sort: { _id: 1 }, limit, projection: { _id: 1 } }).toArray(),
        chunks
          .find({ files_id: since, n: 0 }, { sort: { files_id: 1 }, limit, projection: { files_id: 1 } })
          .toArray(),
      ])
      const all = [...whole.map(({ _id }) => _id), ...begun.map(({ files_id }) => files_id)]
      const ids = [...new Set(all.map((id) => id.toHexString()))].sort().slice(0, limit)
      return { ids, next: (ids.length === limit && ids.at(-1)) || null }
    },
  }
}

/** Writes each chunk before it asks for the next one, which `pipeline` does not. */
async function writeAll(stream: Writable, content: AsyncIterable<Uint8Array>): Promise<void> {
  const settled = (begin: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => begin((error) => (error ? reject(error) : resolve())))
  // What fails is told to the one who waits for it.
  stream.on('error', () => {})
  for await (const chunk of content) await settled((done) => stream.write(chunk, done))
  await settled((done) => stream.end(done))
}

/** The driver gives what it reads as `Binary`, whatever its types say. */
const bytesOf = (
  data: Uint8Array | { readonly buffer: Uint8Array; readonly position: number },
): Uint8Array => (data instanceof Uint8Array ? data : data.buffer.subarray(0, data.position))

/** The bytes of files, by the ids of the files. Written once, whole or not at all, and never changed. */
export interface Blobs {
  /**
   * Writes the bytes as they come, no faster than they can be kept, and resolves when all of them are durable. Rejects with what
   * `content` fails with, storage_full, unavailable; then nothing of them is there, or only what a sweep removes. An id is used once.
   * The chunks are handed over: their memory may be given back as soon as they are written.
   */
  write(id: string, content: AsyncIterable<Uint8Array>): Promise<Measured>
  /**
   * The bytes, or those from `start` to `end` (both of them included), as fast as they are taken. null: they are not there. What is read
   * no further has to be ended (`return`, or `destroy`).
   */
  read(id: string, range?: BlobRange): Promise<AsyncIterable<Uint8Array> | null>
  /** Removes them, if they are there, also what a writer that crashed left of them. */
  remove(id: string): Promise<void>
  /** Some of the ids, also of what writers left that crashed or are at work. The pages have all of them; the first comes by null. */
  list(cursor: string | null): Promise<BlobPage>
}

export interface BlobPage {
  readonly ids: readonly string[]
  /** Brings the next page; null when there is none. */
  readonly next: string | null
}

export interface BlobRange {
  readonly start: number
  readonly end: number
}

/** What is found out about bytes while they pass. */
export interface Measured {
  readonly size: number
  /** In hex. */
  readonly sha256: string
  /** The first of them, as many as tell what they are. */
  readonly head: Uint8Array
}

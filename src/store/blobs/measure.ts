import { createHash } from 'node:crypto'
import { headBytes } from '../../domain/file-type.ts'
import type { Measured } from '../blobs.ts'

/** Measures bytes on their way. */
export function createMeasure() {
  const hash = createHash('sha256')
  const head: Uint8Array[] = []
  let size = 0

  function take(chunk: Uint8Array): void {
    // What is kept is copied, because a part of a chunk would keep the whole of it.
    if (size < headBytes) head.push(Buffer.from(chunk.subarray(0, headBytes - size)))
    hash.update(chunk)
    size += chunk.length
  }

  return {
    /** The chunks as they come. Who asks for the next one has written the one before. */
    async *through(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        take(chunk)
        yield chunk
        giveBack(chunk)
      }
    },
    /** To be called once, when all of them have passed. */
    end: (): Measured => ({ size, sha256: hash.digest('hex'), head: Buffer.concat(head) }),
  }
}

/**
 * Frees the memory of a chunk, unless it is a part of something larger: to the garbage collector a chunk is a small object, so that it
 * lets many megabytes of them gather.
 */
function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0)
}

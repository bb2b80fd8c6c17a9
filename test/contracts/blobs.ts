import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { BlobPage } from '../../src/store/blobs.ts'
import type { Store } from '../../src/store/store.ts'
import { newId } from '../support/samples.ts'

const chunkBytes = 64 * 1024

/** The bytes in pieces, as a request has them, each with memory of its own. */
function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield Buffer.from(bytes.subarray(at, at + chunkBytes))
}

export function blobContract(store: () => Store): void {
  const blobs = () => store().blobs
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

  async function read(...args: Parameters<Store['blobs']['read']>): Promise<Buffer | null> {
    const found = await blobs().read(...args)
    if (!found) return null
    const chunks: Uint8Array[] = []
    for await (const chunk of found) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  const all = async () => {
    const ids: string[] = []
    let cursor: string | null = null
    do {
      const page: BlobPage = await blobs().list(cursor)
      ids.push(...page.ids)
      cursor = page.next
    } while (cursor !== null)
    return ids
  }

  test('blobs.write: bytes are kept as they are, and measured on their way', async () => {
    // None, one, a piece to the byte, and several chunks of GridFS.
    for (const size of [0, 1, chunkBytes, 1_500_000]) {
      const [id, bytes] = [newId(), randomBytes(size)]
      assert.deepEqual(await blobs().write(id, Readable.from(pieces(bytes))), {
        size,
        sha256: sha256(bytes),
        head: bytes.subarray(0, chunkBytes),
      })
      assert.deepEqual(await read(id), bytes)
    }
  })

  test('blobs.write: the memory of what is written is given back, and what it is only a part of stays', async () => {
    const whole = new Uint8Array(new ArrayBuffer(chunkBytes)).fill(7)
    const part = new Uint8Array(new ArrayBuffer(2 * chunkBytes), 0, chunkBytes).fill(8)
    const [id, expected] = [newId(), Buffer.concat([whole, part])]
    await blobs().write(id, Readable.from([whole, part]))
    assert.deepEqual([whole.byteLength, part.byteLength], [0, chunkBytes])
    assert.deepEqual(await read(id), expected)
  })

  test('blobs.read: a part of them, wherever it begins and ends', async () => {
    const [id, bytes] = [newId(), randomBytes(600_000)]
    await blobs().write(id, Readable.from(pieces(bytes)))
    const chunk = 255 * 1024
    for (const [start, end] of [
      [0, 0],
      [0, bytes.length - 1],
      [bytes.length - 1, bytes.length - 1],
      [chunk - 1, chunk],
      [chunk, 2 * chunk - 1],
      [5, 2 * chunk],
    ] as const)
      assert.deepEqual(await read(id, { start, end }), bytes.subarray(start, end + 1), `${start}-${end}`)
    assert.equal(await read(newId()), null)
  })

  test('blobs.read: no more is read than is taken', async () => {
    const id = newId()
    await blobs().write(id, Readable.from(pieces(randomBytes(3_000_000))))
    const found = (await blobs().read(id)) ?? assert.fail('it is there')
    for await (const chunk of found) {
      assert.ok(chunk.length <= 255 * 1024, `${chunk.length}`)
      break
    }
  })

  test('blobs.write: what fails on its way is not there', async () => {
    const id = newId()
    const broken = async function* () {
      yield* pieces(randomBytes(600_000))
      throw new Error('the client left')
    }
    await assert.rejects(blobs().write(id, Readable.from(broken())), /the client left/)
    assert.equal(await read(id), null)
    assert.equal((await all()).includes(id), false)
  })

  test('blobs.list, blobs.remove: all that there is, until it is removed', async () => {
    const ids = [newId(), newId(), newId()].sort()
    for (const id of ids) await blobs().write(id, Readable.from([Buffer.from(id)]))
    await blobs().write(newId(), Readable.from([]))
    const listed = await all()
    for (const id of ids) assert.equal(listed.filter((each) => each === id).length, 1)
    for (const id of ids) await blobs().remove(id)
    await blobs().remove(newId())
    const left = await all()
    for (const id of ids) {
      assert.equal(await read(id), null)
      assert.equal(left.includes(id), false)
    }
  })

  test('a writer takes no more than it can keep', async () => {
    let ahead = 0
    const bytes = randomBytes(chunkBytes)
    const content = async function* () {
      for (let n = 0; n < 100; n++) {
        ahead++
        yield new Uint8Array(bytes)
        ahead--
        assert.ok(ahead <= 1)
      }
    }
    const { size } = await blobs().write(newId(), content())
    assert.equal(size, 100 * chunkBytes)
  })
}

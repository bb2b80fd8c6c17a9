import { randomBytes } from 'node:crypto'

/** One masked, unfragmented text frame, as a client sends it (RFC 6455 section 5.2). At most 65,535 bytes. */
export function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const mask = randomBytes(4)
  const masked = payload.map((byte, i) => byte ^ (mask[i & 3] ?? 0))
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 255])
  return Buffer.concat([head, mask, masked])
}

/** Counts the text frames of one socket by hopping from header to header: it looks at no payload and keeps no byte. */
export interface FrameCounter {
  /** Text frames that began so far. */
  count: number
  feed(chunk: Buffer, length: number): void
}

/** `masked`: as a client sends them, with four bytes of mask before each payload. */
export function createFrameCounter({ masked = false } = {}): FrameCounter {
  const maskBytes = masked ? 4 : 0
  /** The header that is being read, and how many bytes of it are there. */
  const header = Buffer.alloc(10)
  let have = 0
  /** Payload bytes still to come. */
  let left = 0

  /** Bytes of the header that begins in `bytes[at]`, whose first two are there. */
  const sizeOf = (bytes: Buffer, at: number) => {
    const length = (bytes[at + 1] as number) & 127
    return length < 126 ? 2 : length === 126 ? 4 : 10
  }
  const payloadOf = (bytes: Buffer, at: number, size: number) =>
    size === 2
      ? (bytes[at + 1] as number) & 127
      : size === 4
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2))

  const counter: FrameCounter = {
    count: 0,
    feed(chunk, length) {
      let at = 0
      while (at < length) {
        if (left > 0) {
          const step = Math.min(left, length - at)
          left -= step
          at += step
        } else if (have === 0 && length - at >= 10) {
          if (((chunk[at] as number) & 15) === 1) counter.count++
          const size = sizeOf(chunk, at)
          left = payloadOf(chunk, at, size) + maskBytes
          at += size
        } else {
          header[have++] = chunk[at++] as number
          if (have < 2 || have < sizeOf(header, 0)) continue
          if (((header[0] as number) & 15) === 1) counter.count++
          left = payloadOf(header, 0, have) + maskBytes
          have = 0
        }
      }
    },
  }
  return counter
}

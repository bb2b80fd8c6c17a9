import { type Cursor, formatCursor } from '../domain/cursor.ts'
import type { GroupEvent } from '../domain/events.ts'
import type { Encode } from '../hub/encode.ts'

/**
 * One unmasked, unfragmented text frame, header and payload in one buffer (RFC 6455 section 5.2), so that the same bytes
 * can be written to every socket.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = 0x81
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, header, length, 'utf8')
  return frame
}

/** Makes frames of an API's events. `write` gives the API's words for one, and for a durable one is told the cursor of the position after it. */
export const createEncode =
  (epoch: string, write: (event: GroupEvent, cursor?: string) => object | readonly object[] | null): Encode =>
  (event, at?: Cursor) => {
    const told = write(event, at && formatCursor(epoch, at))
    if (!Array.isArray(told)) return told && textFrame(JSON.stringify(told))
    return told.length ? Buffer.concat(told.map((each) => textFrame(JSON.stringify(each)))) : null
  }

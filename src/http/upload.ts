import { Readable } from 'node:stream'
import { ChatError } from '../domain/errors.ts'
import { invalid } from '../domain/validate.ts'
import type { Arrival } from './arrival.ts'
import { createMultipartParser, type Part, type PartSink, textSink } from './multipart.ts'

/** A file on its way in. */
export interface Upload {
  /** As the client calls it, which may be anything; undefined: it has no name. */
  readonly name: string | undefined
  /** The media type that the client claims, in lower case. */
  readonly type: string | undefined
  /**
   * Its bytes as they come, no faster than they are taken. It ends when all of the body has come and is as it should be, and
   * fails with what is to be answered otherwise. Who wants no more destroys it.
   */
  readonly content: Readable
  /** What came as text beside it: all of that is known once the content has ended. */
  readonly fields: ReadonlyMap<string, string>
}

/** Of all fields beside a file. */
const maxTextBytes = 64 * 1024
/** What may be around a file, so that only the file itself is held to the route's limit: fields, and the heads of parts. */
const aroundFile = 2 * maxTextBytes

/** The whole body as a file. Throws too_large, timeout, ClientGone. */
export function readFile(arrival: Arrival, type: string | undefined): Upload {
  const content = createContent(() => more())
  const more = arrival.pour({
    write: (chunk) => content.push(chunk),
    end: () => void content.push(null),
    fail: (error) => void content.destroy(error),
  })
  return { name: undefined, type, content, fields: new Map() }
}

/**
 * The file in the part of this name, wherever among the others it stands: resolves when it begins. Throws malformed,
 * too_large, timeout, invalid, ClientGone.
 */
export function readFilePart(arrival: Arrival, boundary: string, name: string): Promise<Upload> {
  const { maxBody } = arrival.limits()
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>()
    let content: Readable | undefined
    let textBytes = 0

    function begin(part: Part): PartSink {
      if (part.name !== name) return textSink(part, fields, takeText)
      if (content) throw invalid([{ field: name, message: 'must be given once' }])
      const file = createContent(() => more())
      content = file
      resolve({ name: part.filename || undefined, type: part.type, content, fields })
      let length = 0
      return {
        write(bytes) {
          length += bytes.length
          if (length > maxBody)
            throw new ChatError('too_large', `The file may have at most ${maxBody} bytes.`)
          file.push(bytes)
        },
        end() {},
      }
    }

    function takeText(bytes: number): void {
      textBytes += bytes
      if (textBytes > maxTextBytes)
        throw new ChatError('too_large', `The fields beside the file may have at most ${maxTextBytes} bytes.`)
    }

    const parser = createMultipartParser(boundary, begin)
    const more = arrival.pour(
      {
        write(chunk) {
          parser.write(chunk)
          return !content || content.readableLength < content.readableHighWaterMark
        },
        end() {
          parser.end()
          if (!content) throw invalid([{ field: name, message: 'is required, as a file' }])
          content.push(null)
        },
        fail(error) {
          if (content) content.destroy(error)
          else reject(error)
        },
      },
      aroundFile,
    )
  })
}

/** Somebody else pushes into it, who is asked for `more` when somebody reads. */
function createContent(more: () => void): Readable {
  const content = new Readable({ read: more })
  // A client may leave before anybody listens, who is told when reading begins.
  content.on('error', () => {})
  return content
}

import { isUtf8 } from 'node:buffer'
import { ChatError } from '../domain/errors.ts'
import { invalid } from '../domain/validate.ts'
import { type HeaderValue, readHeaderValue } from './header-value.ts'

/** What the head of a part says. */
export interface Part {
  readonly name: string
  /** undefined: the part is no file. */
  readonly filename: string | undefined
  /** The media type of its Content-Type, in lower case. */
  readonly type: string | undefined
}

/** Where the content of a part goes: any number of writes, then the end. Throws what is wrong with it. */
export interface PartSink {
  write(bytes: Buffer): void
  end(): void
}

/** Throws malformed, too_large, and what a sink throws; then it is of no more use. */
export interface MultipartParser {
  write(chunk: Buffer): void
  /** There is no more. */
  end(): void
}

const maxParts = 100
/** Of the head of one part. */
const maxHeadBytes = 8 * 1024

const malformed = (message: string) => new ChatError('malformed', message)

/** What stands between the parts (RFC 2046, 5.1.1). Throws malformed. */
export function boundaryOf({ parameters }: HeaderValue): string {
  const boundary = parameters.get('boundary')
  if (boundary === undefined || boundary === '')
    throw malformed('The Content-Type multipart/form-data lacks its boundary.')
  if (!/^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/.test(boundary))
    throw malformed('The boundary of the Content-Type is none as RFC 2046 has it.')
  return boundary
}

/**
 * Takes a `multipart/form-data` body (RFC 7578) apart as it comes, in pieces cut anywhere, and holds no more of it than the
 * head of a part. `begin` is called for each part with its head, and says where the content goes.
 */
export function createMultipartParser(boundary: string, begin: (part: Part) => PartSink): MultipartParser {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter may be the first line, with nothing before its line break.
  let rest: Buffer = Buffer.from('\r\n')
  let state: 'content' | 'head' | 'epilogue' = 'content'
  /** undefined: what comes before the first part is nobody's. */
  let sink: PartSink | undefined
  let parts = 0

  /** Hands on all that can be no part of a delimiter, up to the next one. False: more is needed. */
  function readContent(): boolean {
    const at = rest.indexOf(delimiter)
    const end = at < 0 ? startOf(delimiter, rest) : at
    if (end > 0) sink?.write(rest.subarray(0, end))
    rest = rest.subarray(at < 0 ? end : at + delimiter.length)
    if (at < 0) return false
    sink?.end()
    sink = undefined
    state = 'head'
    return true
  }

  /** After a delimiter: `--` ends the body; else what is left of the line is blank, and then comes a head. */
  function readHead(): boolean {
    if (rest.length < 2) return false
    if (rest[0] === dash && rest[1] === dash) {
      state = 'epilogue'
      return true
    }
    const end = rest.indexOf('\r\n\r\n')
    // Of the four characters that end it three may be there.
    if ((end < 0 ? rest.length - 3 : end) > maxHeadBytes)
      throw new ChatError('too_large', `The head of a part may have at most ${maxHeadBytes} bytes.`)
    if (end < 0) return false
    if (++parts > maxParts) throw new ChatError('too_large', `A form may have at most ${maxParts} parts.`)
    sink = begin(readPart(rest.subarray(0, end)))
    rest = rest.subarray(end + 4)
    state = 'content'
    return true
  }

  return {
    write(chunk) {
      if (state === 'epilogue') return
      rest = rest.length ? Buffer.concat([rest, chunk]) : chunk
      while (state === 'content' ? readContent() : state === 'head' && readHead());
    },

    end() {
      if (state !== 'epilogue') throw malformed('The body ends before its closing boundary.')
    },
  }
}

const dash = 0x2d
const carriageReturn = 0x0d

/** Where a delimiter that is not all there yet may have begun; the length of `bytes` if nowhere. */
function startOf(delimiter: Buffer, bytes: Buffer): number {
  let at = bytes.indexOf(carriageReturn, Math.max(0, bytes.length - delimiter.length + 1))
  while (at >= 0 && bytes.compare(delimiter, 0, bytes.length - at, at) !== 0)
    at = bytes.indexOf(carriageReturn, at + 1)
  return at < 0 ? bytes.length : at
}

/** `head`: from behind the boundary to the empty line. */
function readPart(head: Buffer): Part {
  if (!isUtf8(head)) throw malformed('The head of a part is not UTF-8.')
  const [padding = '', ...lines] = head.toString().split('\r\n')
  if (/[^ \t]/.test(padding)) throw malformed('A boundary is followed by something else on its line.')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+):([^\r\n\0]*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    if (key === '' || headers.has(key)) throw malformed('The head of a part is no list of headers.')
    headers.set(key, value.trim())
  }
  const disposition = readHeaderValue(headers.get('content-disposition'))
  const name = disposition.parameters.get('name')
  if (disposition.essence !== 'form-data' || name === undefined)
    throw malformed('A part lacks its Content-Disposition: form-data; name="...".')
  if (!/^(7bit|8bit|binary)?$/i.test(headers.get('content-transfer-encoding') ?? ''))
    throw malformed('A part has a Content-Transfer-Encoding: send its bytes as they are.')
  const type = readHeaderValue(headers.get('content-type')).essence || undefined
  if (type?.startsWith('multipart/'))
    throw malformed('A part is multipart itself: send its parts one by one.')
  const filename = disposition.parameters.get('filename')
  return { name: unescaped(name), filename: filename === undefined ? undefined : unescaped(filename), type }
}

/** As browsers write what would end a name (HTML standard, 4.10.21.8). */
const unescaped = (name: string): string =>
  name.replace(/%(0A|0D|22)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** Collects the text of a part as one of `fields`. `take` is told of each bit of it. Throws invalid for a file. */
export function textSink(
  { name, filename }: Part,
  fields: Map<string, string>,
  take: (bytes: number) => void = () => {},
): PartSink {
  if (filename !== undefined) throw invalid([{ field: name, message: 'must be text, not a file' }])
  const chunks: Buffer[] = []
  return {
    write(bytes) {
      take(bytes.length)
      // A copy: what came with it is not to be kept for its sake.
      chunks.push(Buffer.from(bytes))
    },
    end() {
      const text = Buffer.concat(chunks)
      if (!isUtf8(text)) throw malformed(`The field ${JSON.stringify(name)} is not UTF-8.`)
      fields.set(name, text.toString())
    },
  }
}

/** The fields of a whole body without files. Of a field given twice the last counts. Throws malformed, too_large, invalid. */
export function readFields(bytes: Buffer, boundary: string): Record<string, string> {
  const fields = new Map<string, string>()
  const parser = createMultipartParser(boundary, (part) => textSink(part, fields))
  parser.write(bytes)
  parser.end()
  return Object.fromEntries(fields)
}

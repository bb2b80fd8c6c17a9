import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ChatError } from '../../src/domain/errors.ts'
import { readHeaderValue } from '../../src/http/header-value.ts'
import { boundaryOf, createMultipartParser, readFields } from '../../src/http/multipart.ts'

interface Read {
  name: string
  filename: string | undefined
  type: string | undefined
  content: string
}

/** All parts of a body that comes in these pieces; contents as latin1. */
function parse(boundary: string, pieces: Iterable<Buffer>): Read[] {
  const parts: Read[] = []
  const parser = createMultipartParser(boundary, (part) => {
    const chunks: Buffer[] = []
    return {
      write: (bytes) => void chunks.push(Buffer.from(bytes)),
      end: () => void parts.push({ ...part, content: Buffer.concat(chunks).toString('latin1') }),
    }
  })
  for (const piece of pieces) parser.write(piece)
  parser.end()
  return parts
}

/** As Node sends a form. */
async function encode(form: FormData): Promise<{ boundary: string; body: Buffer }> {
  const response = new Response(form)
  const type = readHeaderValue(response.headers.get('content-type') ?? '')
  return { boundary: boundaryOf(type), body: Buffer.from(await response.arrayBuffer()) }
}

/** What Node itself makes of it. */
async function parseByNode(boundary: string, body: Buffer): Promise<Read[]> {
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const form = await new Response(new Uint8Array(body), { headers }).formData()
  return Promise.all(
    [...form].map(async ([name, value]) =>
      typeof value === 'string'
        ? { name, filename: undefined, type: undefined, content: Buffer.from(value).toString('latin1') }
        : {
            name,
            filename: value.name,
            type: value.type.toLowerCase() || undefined,
            content: Buffer.from(await value.arrayBuffer()).toString('latin1'),
          },
    ),
  )
}

const code = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof ChatError) return error.code
    throw error
  }
  return 'none'
}

const wholeForm = (): FormData => {
  const form = new FormData()
  form.set('caption', 'grüße\r\n--not the boundary\r\n')
  form.set('empty', '')
  form.set('file', new File([Buffer.from([0, 13, 10, 45, 45, 255])], 'a "b" ü.bin', { type: 'image/PNG' }))
  form.set('nothing', new File([], 'empty.txt', { type: 'text/plain' }))
  form.set('line\nbreak', 'x')
  return form
}

describe('what a client sends', () => {
  test('is read the same wherever it is cut in two, and byte by byte', async () => {
    const { boundary, body } = await encode(wholeForm())
    const expected = await parseByNode(boundary, body)
    assert.equal(expected.length, 5)
    assert.deepEqual(parse(boundary, [body]), expected)
    for (let at = 1; at < body.length; at++)
      assert.deepEqual(parse(boundary, [body.subarray(0, at), body.subarray(at)]), expected, `cut at ${at}`)
    assert.deepEqual(
      parse(
        boundary,
        [...body].map((byte) => Buffer.of(byte)),
      ),
      expected,
    )
  })

  test('is read as Node reads it, whatever is in it and however it is cut', async () => {
    // What looks like a part of a boundary is what is easily mistaken for one.
    const tricky = fc.array(
      fc.constantFrom('\r', '\n', '\r\n', '-', '--', '\r\n--', '\r\n--x', '\0', 'ÿ', 'text'),
      { maxLength: 30 },
    )
    const content = fc.oneof(
      tricky.map((pieces) => Buffer.from(pieces.join(''), 'latin1')),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    )
    // Node sends a file without a name as if it were text.
    const name = fc.string({
      unit: fc.constantFrom('a', '"', ';', '=', ' ', 'é', '😀'),
      minLength: 1,
      maxLength: 8,
    })
    const field = fc.record({ name, text: fc.string({ unit: 'binary' }) })
    const file = fc.record({ name, filename: name, content })
    const cuts = fc.array(fc.nat({ max: 3_000 }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(field, file), { maxLength: 6 }), cuts, async (parts, at) => {
        const form = new FormData()
        for (const part of parts)
          if ('text' in part) form.append(part.name, part.text)
          else form.append(part.name, new File([part.content], part.filename))
        const { boundary, body } = await encode(form)
        const ends = [...at.sort((a, b) => a - b), body.length]
        const pieces = ends.map((end, i) => body.subarray(ends[i - 1] ?? 0, end))
        assert.deepEqual(parse(boundary, pieces), await parseByNode(boundary, body))
      }),
      { numRuns: 300 },
    )
  })

  test('may have text before and behind, blanks behind a boundary, and none of the frills', () => {
    const body =
      'nobody reads\r\nthis\r\n--b  \t\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n--b\r\n' +
      'X-Other: y\r\nContent-Disposition: form-data; name="b"; filename="C:\\dir\\x.txt"\r\n' +
      'Content-Type: Text/HTML; charset=x\r\n\r\n2\r\n--b--  nor this\r\n--b\r\n'
    assert.deepEqual(parse('b', [Buffer.from(body)]), [
      { name: 'a', filename: undefined, type: undefined, content: '1' },
      { name: 'b', filename: 'C:\\dir\\x.txt', type: 'text/html', content: '2' },
    ])
  })
})

describe('what is none', () => {
  const head = (fields: string) => `--b\r\n${fields}\r\n\r\nx\r\n--b--\r\n`
  const named = 'Content-Disposition: form-data; name="a"'
  const table: [why: string, body: string, code: string][] = [
    ['fine', head(named), 'none'],
    ['nothing', '', 'malformed'],
    ['no boundary', 'a=1', 'malformed'],
    ['another boundary', head(named).replaceAll('--b', '--c'), 'malformed'],
    ['no end', `--b\r\n${named}\r\n\r\nx`, 'malformed'],
    ['no end after a boundary', `--b\r\n${named}\r\n\r\nx\r\n--b`, 'malformed'],
    ['half an end', `--b\r\n${named}\r\n\r\nx\r\n--b-`, 'malformed'],
    ['no end of a head', `--b\r\n${named}\r\nX: y`, 'malformed'],
    ['no line break before the end', `--b\r\n${named}\r\n\r\nx--b--`, 'malformed'],
    ['bare line feeds', head(named).replaceAll('\r', ''), 'malformed'],
    ['text behind a boundary', `--b${head(named).slice(3).replace('\r\n', 'x\r\n')}`, 'malformed'],
    ['no headers', '--b\r\n\r\nx\r\n--b--\r\n', 'malformed'],
    ['no disposition', head('X: y'), 'malformed'],
    ['another disposition', head('Content-Disposition: attachment; name="a"'), 'malformed'],
    ['no name', head('Content-Disposition: form-data; filename="a"'), 'malformed'],
    ['two dispositions', head(`${named}\r\n${named}`), 'malformed'],
    ['no header', head(`${named}\r\nnothing`), 'malformed'],
    ['a folded header', head(`${named};\r\n filename=x`), 'malformed'],
    ['a line feed in a header', head(`${named}\nX: y`), 'malformed'],
    ['a NUL in a header', head(`${named}\0`), 'malformed'],
    ['a part in base64', head(`${named}\r\nContent-Transfer-Encoding: base64`), 'malformed'],
    ['a part as binary', head(`${named}\r\nContent-Transfer-Encoding: Binary`), 'none'],
    ['parts in a part', head(`${named}\r\nContent-Type: multipart/mixed; boundary=c`), 'malformed'],
    ['a head that is large', head(`${named}\r\nX: ${'y'.repeat(8_192 - named.length - 7)}`), 'none'],
    ['a head that is too large', head(`${named}\r\nX: ${'y'.repeat(8_192 - named.length - 6)}`), 'too_large'],
    ['a head without end', `--b\r\n${'X: y\r\n'.repeat(2_000)}`, 'too_large'],
    ['100 parts', `${`--b\r\n${named}\r\n\r\nx\r\n`.repeat(100)}--b--`, 'none'],
    ['101 parts', `${`--b\r\n${named}\r\n\r\nx\r\n`.repeat(101)}--b--`, 'too_large'],
  ]
  for (const [why, text, expected] of table)
    test(`${why}: ${expected}, at once and byte by byte`, () => {
      const body = Buffer.from(text)
      assert.equal(
        code(() => parse('b', [body])),
        expected,
      )
      const bytes = [...body].map((byte) => Buffer.of(byte))
      assert.equal(
        code(() => parse('b', bytes)),
        expected,
      )
    })

  test('any bytes are read or refused', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          '--b',
          '\r\n--b',
          '--',
          '\r\n',
          '\r\n\r\n',
          `${named}\r\n\r\n`,
          '"',
          '\\',
          ';',
          ':',
          '=',
        ),
        fc.string({ unit: 'binary', maxLength: 10 }),
      ),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(pieces, (texts) => {
        const outcome = code(() => parse('b', [Buffer.from(texts.join(''))]))
        const inPieces = code(() =>
          parse(
            'b',
            texts.map((text) => Buffer.from(text)),
          ),
        )
        assert.ok(['none', 'malformed'].includes(outcome), outcome)
        assert.equal(inPieces, outcome)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a boundary is there, and is one', () => {
    const of = (type: string) => code(() => boundaryOf(readHeaderValue(type)))
    assert.equal(of('multipart/form-data; boundary=----WebKitFormBoundary7MA4'), 'none')
    assert.equal(of('multipart/form-data; boundary="with blank: in it"'), 'none')
    for (const rest of [
      '',
      '; boundary=',
      '; boundary="x "',
      '; boundary="ü"',
      `; boundary=${'x'.repeat(71)}`,
    ])
      assert.equal(of(`multipart/form-data${rest}`), 'malformed', rest)
  })
})

test('fields are text in UTF-8, and the last of a name counts', () => {
  const body = (content: Uint8Array, disposition = 'name="a"') =>
    Buffer.concat([
      Buffer.from(
        `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nfirst\r\n--b\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\np\r\n--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`,
      ),
      content,
      Buffer.from('\r\n--b--\r\n'),
    ])
  assert.deepEqual(Object.entries(readFields(body(Buffer.from('ü')), 'b')), [
    ['a', 'ü'],
    ['__proto__', 'p'],
  ])
  assert.equal(
    code(() => readFields(body(Buffer.of(0xff)), 'b')),
    'malformed',
  )
  assert.equal(
    code(() => readFields(body(Buffer.from('x'), 'name="a"; filename="x"'), 'b')),
    'invalid',
  )
})

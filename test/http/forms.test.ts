import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Type } from 'typebox'
import { type Body, fields, form, json, multipart, multipartFile, stream } from '../../src/http/body.ts'
import { openApi } from '../../src/http/openapi.ts'
import { jsonReply } from '../../src/http/reply.ts'
import { publicRoute, type Route } from '../../src/http/route.ts'
import { serve } from './serve.ts'

const Login = Type.Object({ username: Type.String({ minLength: 1 }), password: Type.String() })

/** Answers the body that it got. */
const echo = <B extends Body>(path: string, body: B): Route =>
  publicRoute({
    method: 'POST',
    path,
    name: path.slice(1),
    about: '',
    body,
    answers: {},
    errors: [],
    handle: (context) => jsonReply(200, context.body),
  })

const service = await serve([
  echo('/login', fields(Login)),
  echo('/any', form(Type.Record(Type.String(), Type.String()))),
  echo('/parts', multipart(Type.Record(Type.String(), Type.String()))),
  echo('/form-or-json', [form(Login), json(Login)]),
])
after(() => service[Symbol.asyncDispose]())

interface Answered {
  [field: string]: unknown
  errors?: { field: string; message: string }[]
}

const post = async (
  path: string,
  body: string | URLSearchParams | FormData | Uint8Array<ArrayBuffer>,
  type?: string,
) => {
  const response = await fetch(service.url + path, {
    method: 'POST',
    body,
    ...(type !== undefined && { headers: { 'content-type': type } }),
  })
  return {
    status: response.status,
    body: (await response.json()) as Answered,
    accept: response.headers.get('accept'),
  }
}
const urlencoded = 'application/x-www-form-urlencoded'
const postForm = (path: string, text: string) => post(path, text, urlencoded)

const formOf = (values: Record<string, string | Blob>): FormData => {
  const made = new FormData()
  for (const [name, value] of Object.entries(values))
    if (typeof value === 'string') made.append(name, value)
    else made.append(name, value)
  return made
}

test('the same fields come as JSON, as a form and as multipart', async () => {
  const login = { username: 'ann & bob=ü 😀', password: '+%\r\n"' }
  for (const answer of [
    await post('/login', JSON.stringify(login), 'application/json'),
    await post('/login', new URLSearchParams(login)),
    await post('/login', formOf(login)),
  ])
    assert.deepEqual([answer.status, answer.body], [200, login])
})

test('what is wrong with a field is told by its name, whichever way it came', async () => {
  for (const answer of [
    await post('/login', '{"username":""}', 'application/json'),
    await postForm('/login', 'username='),
    await post('/login', formOf({ username: '' })),
  ])
    assert.deepEqual(
      [answer.status, answer.body.code, answer.body.errors?.map(({ field }) => field).sort()],
      [422, 'invalid', ['password', 'username']],
    )
})

test('a form is read as browsers write it', async () => {
  const table: [text: string, fields: Record<string, string>][] = [
    ['', {}],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1&a=2', { a: '2' }],
    ['&a=1&&', { a: '1' }],
    ['a', { a: '' }],
    ['=1', { '': '1' }],
    ['a=b=c', { a: 'b=c' }],
    ['a+b=c+%2B', { 'a b': 'c +' }],
    ['%C3%BC=ü', { ü: 'ü' }],
    ['constructor=1', { constructor: '1' }],
  ]
  for (const [text, expected] of table) {
    const { status, body } = await postForm('/any', text)
    assert.deepEqual([status, body], [200, expected], text)
  }
  const proto = await postForm('/any', '__proto__=1')
  assert.deepEqual([proto.status, Object.entries(proto.body)], [200, [['__proto__', '1']]])
})

test('what is no form in UTF-8 is 400', async () => {
  for (const text of ['a=%', 'a=%zz', '%FF=1', 'a=%C3', 'a=%ED%A0%80'])
    assert.deepEqual(await postForm('/any', text).then(({ status, body }) => [status, body.code]), [
      400,
      'malformed',
    ])
  const bytes = await post('/any', Uint8Array.of(0x61, 0x3d, 0xff), urlencoded)
  assert.deepEqual([bytes.status, bytes.body.code], [400, 'malformed'])
})

test('a form has at most 100 fields, and no more bytes than its route allows', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `f${i}=`).join('&')
  assert.equal((await postForm('/any', many(100))).status, 200)
  const refused = await postForm('/any', many(101))
  assert.deepEqual([refused.status, refused.body.code], [413, 'too_large'])
  assert.equal((await postForm('/any', `a=${'x'.repeat(1_022)}`)).status, 200)
  assert.equal((await postForm('/any', `a=${'x'.repeat(1_023)}`)).status, 413)
  assert.equal((await post('/parts', formOf({ a: 'x'.repeat(1_024) }))).status, 413)
})

test('multipart fields: the last of a name counts, and a file is no text', async () => {
  const twice = new FormData()
  twice.append('a', '1')
  twice.append('a', '2')
  assert.deepEqual((await post('/parts', twice)).body, { a: '2' })
  const file = await post('/login', formOf({ username: new Blob(['x']), password: 'x' }))
  assert.deepEqual(
    [file.status, file.body.errors],
    [422, [{ field: 'username', message: 'must be text, not a file' }]],
  )
})

test('multipart that is none is 400', async () => {
  const head = 'multipart/form-data; boundary=b'
  for (const [type, text] of [
    ['multipart/form-data', '--b--'],
    [head, ''],
    [head, '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'],
  ] as const) {
    const { status, body } = await post('/parts', text, type)
    assert.deepEqual([status, body.code], [400, 'malformed'], type)
  }
})

test('another kind of body is 415, which names what the route takes', async () => {
  const table: [path: string, type: string, accept: string][] = [
    ['/login', 'text/plain', `application/json, ${urlencoded}, multipart/form-data`],
    ['/login', `${urlencoded}; charset=latin1`, `application/json, ${urlencoded}, multipart/form-data`],
    ['/any', 'application/json', urlencoded],
    ['/form-or-json', 'multipart/form-data; boundary=b', `${urlencoded}, application/json`],
  ]
  for (const [path, type, accepted] of table) {
    const { status, body, accept } = await post(path, 'a=1', type)
    assert.deepEqual([status, body.code, accept], [415, 'unsupported_media_type', accepted], type)
  }
  const { body } = await post('/form-or-json', 'a=1', 'text/plain')
  assert.equal(
    body.detail,
    `Send a form in UTF-8, as Content-Type: ${urlencoded}, or JSON in UTF-8, as Content-Type: application/json.`,
  )
  assert.equal((await post('/any', 'a=1', `${urlencoded};charset=UTF-8`)).status, 200)
})

test('the documentation has each kind', () => {
  const { paths } = openApi(
    [echo('/login', fields(Login)), echo('/files', [multipartFile('file'), stream()])],
    { version: '1', prefix: '' },
  ) as { paths: Record<string, { post: { requestBody: { content: Record<string, object> } } }> }
  const contentOf = (path: string) => paths[path]?.post.requestBody.content
  const schema = JSON.parse(JSON.stringify(Login))
  assert.deepEqual(JSON.parse(JSON.stringify(contentOf('/login'))), {
    'application/json': { schema },
    [urlencoded]: { schema },
    'multipart/form-data': { schema },
  })
  assert.deepEqual(JSON.parse(JSON.stringify(contentOf('/files'))), {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['file'],
        properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } },
      },
    },
    'application/octet-stream': {},
  })
})

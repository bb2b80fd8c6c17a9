import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { createFrames } from '../../src/api/core/frames.ts'
import { errorCodes } from '../../src/protocol/error-codes.ts'
import { tokenOf } from '../support/api.ts'
import { startRest } from '../support/rest.ts'
import { openSocket, RefusedUpgrade } from '../support/socket.ts'
import { frameCalls, otherFrames } from './access/frames.ts'
import { everybody, people, type Who } from './access/people.ts'
import { calls } from './access/routes.ts'
import { refusalOf } from './access/rules.ts'
import { createScene, filled } from './access/scene.ts'

/**
 * Every route and every frame, tried as each kind of person, must do what the table of domain/access.ts says: unit tests hold
 * the table to the contract, and these hold the service to the table.
 */

const rest = await startRest({ PUSH_CONTACT: 'mailto:ops@example.com' })
after(rest.close)

const open = async (who: Who, path: string) => {
  const { as } = people[who]
  const url = rest.service.base + path
  return as === null ? openSocket(url) : openSocket(url, { token: await tokenOf(as) })
}

for (const { method, path, body, need, status, isAtRoot, but } of calls)
  describe(`${method} ${isAtRoot ? '' : '{p}'}${path} ${body ? JSON.stringify(body) : ''}`, () => {
    for (const who of everybody) {
      const refusal = refusalOf(need, who)
      const wanted = refusal ? errorCodes[refusal].status : (but?.[who] ?? status)
      test(`${who}: ${wanted}`, async () => {
        const scene = await createScene(rest, who, path)
        const ask = isAtRoot ? rest.root : rest.call
        const { as } = people[who]
        const answer = await ask(method, filled(path, scene), { ...(as && { as }), ...(body && { body }) })
        assert.equal(answer.status, wanted, answer.text)
        if (refusal) assert.equal(answer.body.code, refusal)
        // A token that was given is told to be of no use for this.
        const asks = as ? 'Bearer error="invalid_token"' : 'Bearer'
        if (wanted === 401) assert.equal(answer.headers.get('www-authenticate'), asks)
      })
    }
  })

for (const { need, frame } of frameCalls)
  describe(`frame ${JSON.stringify(frame)}`, () => {
    for (const who of everybody.filter((who) => who !== 'anonymous')) {
      const refusal = refusalOf(need, who)
      test(`${who}: ${refusal ?? 'done'}`, async () => {
        const scene = await createScene(rest, who, JSON.stringify(frame))
        const socket = await open(who, '/ws')
        await socket.next('connected')
        if (frame.type !== 'subscribe' && !refusalOf('listen', who))
          await socket.ask({ type: 'subscribe', group_id: scene.group })
        const answer = await socket.ask(JSON.parse(filled(JSON.stringify(frame), scene)))
        assert.equal(answer.code, refusal ?? undefined, JSON.stringify(answer))
        assert.equal(answer.type === 'error', refusal !== null)
        await socket.close()
      })
    }
  })

describe('a socket', () => {
  for (const who of everybody) {
    const refusals = { '/ws': refusalOf('a token', who), '/ws/:group': refusalOf('listen', who) }
    for (const [path, refusal] of Object.entries(refusals))
      test(`at ${path} as ${who}: ${refusal ?? 'opened'}`, async () => {
        const scene = await createScene(rest, who, path)
        const opening = open(who, filled(path, scene))
        if (!refusal) return void (await (await opening).close())
        await assert.rejects(opening, (error: RefusedUpgrade) => {
          assert.ok(error instanceof RefusedUpgrade)
          assert.equal(error.status, errorCodes[refusal].status)
          return true
        })
      })
  }
})

test('the tables name every route and every frame there is', async () => {
  const document = (await (await fetch(`${rest.service.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const shape = (path: string) =>
    path
      .replace(/\?.*/, '')
      .replace(/[:{]\w+\}?/g, '*')
      .replace(/(members|bans)\/\w+/, '$1/*')
      .replace(/(users|by-name|blocks|avatars)\/(?!me|search|by-name)\w+/, '$1/*')
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${shape(path)}`),
  )
  const elsewhere = ['/metrics', '/dashboard']
  assert.deepEqual(
    new Set(documented.filter((each) => !elsewhere.some((path) => each.includes(path)))),
    new Set(
      calls.map(({ method, path, isAtRoot }) => `${method} ${isAtRoot ? '' : '/api/chat'}${shape(path)}`),
    ),
  )
  assert.deepEqual(
    new Set(Object.keys(createFrames(''))),
    new Set([...otherFrames, ...frameCalls.map(({ frame }) => frame.type)]),
  )
})

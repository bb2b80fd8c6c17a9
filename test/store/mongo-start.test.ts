import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StartError } from '../../src/store/start-error.ts'
import { refusal, type Script, startScripted } from '../mongo/scripted.ts'
import { openInstance } from '../mongo/store.ts'
import { eventually } from '../support/eventually.ts'

const timeouts = { request: 1_500, select: 300, socket: 1_200, write: 1_000 }
const good: Script = () => undefined
const refuses =
  (command: string, code: number, codeName: string, errmsg: string): Script =>
  (asked) =>
    command in asked ? refusal(code, codeName, errmsg) : undefined

interface Case {
  script?: Script
  hello?: Record<string, unknown>
  url?: (url: string) => string
  says: RegExp
}

const itself = (url: string): string => url

describe('what no waiting mends ends the start, and its one line says why and what to do', () => {
  const cases: Record<string, Case> = {
    'a wrong password': {
      script: refuses('saslStart', 18, 'AuthenticationFailed', 'Authentication failed.'),
      url: (url) => url.replace('://', '://ann:wrong@'),
      says: /^MongoDB refuses the user of MONGODB_URL: Authentication failed\. Check .*password.*authSource\.$/,
    },
    'no user where one is needed': {
      script: refuses('createIndexes', 13, 'Unauthorized', 'command createIndexes requires authentication'),
      says: /requires authentication\. MONGODB_URL needs a user with the role readWrite/,
    },
    'an index of the same name over other keys': {
      script: refuses('createIndexes', 86, 'IndexKeySpecsConflict', 'An existing index has the same name.'),
      says: /^MongoDB can't make the index \{.*\} of \w+: An existing index has the same name\. .*getIndexes\(\)/,
    },
    'an index too many': {
      script: refuses('createIndexes', 67, 'CannotCreateIndex', 'add index fails, too many indexes'),
      says: /too many indexes\. Mend/,
    },
    'documents that a unique index does not let in': {
      script: refuses('createIndexes', 11_000, 'DuplicateKey', 'E11000 duplicate key { slot: "a:1" }'),
      says: /E11000 duplicate key \{ slot: "a:1" \}\. Mend/,
    },
    'a server of an older time': {
      hello: { maxWireVersion: 4 },
      says: /^This MongoDB can't be used: .*\(MongoDB [\d.]+\)\. Upgrade it\.$/,
    },
    'a URL that cannot be read': {
      url: (url) => `${url}/?replicaset`,
      says: /^MONGODB_URL can't be read: /,
    },
    'a certificate that is not there': {
      url: (url) => `${url}/?tls=true&tlsCAFile=/no/such/file`,
      says: /^MONGODB_URL can't be used: .*\/no\/such\/file/,
    },
  }
  for (const [name, { script = good, hello, url = itself, says }] of Object.entries(cases))
    test(name, async () => {
      await using server = await startScripted(script, hello)
      let waits = 0
      const onWaiting = () => void waits++
      await assert.rejects(openInstance(url(server.url), 'chat', { timeouts, onWaiting }), (error) => {
        assert.ok(error instanceof StartError, `expected a StartError, got ${error}`)
        assert.match(error.message, says)
        assert.doesNotMatch(error.message, /\n|\.\./)
        return true
      })
      assert.equal(waits, 0, 'it was not waited for')
    })
})

describe('a MongoDB that is away at the start is told of in one line, and again once a minute', () => {
  const cases: Record<string, Case> = {
    'nobody listens': {
      url: () => 'mongodb://127.0.0.1:1',
      says: /^MongoDB does not answer: connect ECONNREFUSED 127\.0\.0\.1:1\. It is tried again until it does\.$/,
    },
    'of several none listens': {
      url: () => 'mongodb://127.0.0.1:1,127.0.0.1:2/?replicaSet=rs0',
      says: /127\.0\.0\.1:1\. .*127\.0\.0\.1:2\. It is tried/,
    },
    'a name that nobody knows': {
      url: () => 'mongodb+srv://no-such-host.invalid',
      says: /^MongoDB does not answer: querySrv \w+ _mongodb\._tcp\.no-such-host\.invalid\. It is tried/,
    },
    'a server that keeps silent': {
      script: good,
      hello: { silent: true },
      says: /^MongoDB does not answer: 127\.0\.0\.1:\d+.*\. It is tried/,
    },
    'a replica set that is not initiated': {
      hello: { isreplicaset: true, ismaster: false, isWritablePrimary: false },
      says: /waits for its replica set to be initiated \(rs\.initiate\(\)\)\. It is tried/,
    },
    'a replica set of another name': {
      url: (url) => `${url}/?replicaSet=rs0`,
      says: /None of the servers in MONGODB_URL belongs to the replica set rs0\..* It is tried/,
    },
    'a replica set without a primary': {
      hello: { setName: 'rs0', secondary: true, ismaster: false, isWritablePrimary: false, hosts: [] },
      url: (url) => `${url}/?replicaSet=rs0`,
      says: /takes no writes: there is no primary\. It is tried/,
    },
  }
  for (const [name, { script = good, hello, url = itself, says }] of Object.entries(cases))
    test(name, async () => {
      await using server = await startScripted(script, hello)
      const lines: Record<string, unknown>[] = []
      const log = {
        info: () => undefined,
        warn: (event: string, fields: Record<string, unknown>) => void lines.push({ event, ...fields }),
      }
      let clock = 0
      let waits = 0
      const enough = new AbortController()
      const opening = openInstance(url(server.url), 'chat', {
        timeouts,
        log,
        clock: () => clock,
        signal: enough.signal,
        onWaiting: () => void waits++,
      }).catch(() => undefined)
      await eventually('it waits again', () => waits === 2)
      const [first] = lines
      assert.deepEqual([lines.length, first?.event, first?.waited_s], [1, 'database_away', 0])
      assert.match(String(first?.reason), says)
      assert.doesNotMatch(String(first?.reason), /\n|\.\. /)
      clock += 60_000
      await eventually('it says so again', () => lines.length === 2)
      assert.equal(lines[1]?.waited_s, 60)
      enough.abort()
      await opening
    })
})

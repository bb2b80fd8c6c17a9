import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { mongoMissing } from '../mongo/server.ts'
import { apiOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { startReceiver } from '../support/receiver.ts'
import { startBalancer } from './cluster.ts'
import { holdEvents, holdIndex, holdMessages } from './kills/checks.ts'
import { type Deed, newLedger } from './kills/ledger.ts'
import { onMongo, onSqlite, type Place } from './kills/places.ts'
import { look, talk } from './kills/work.ts'

/** `npm test` has a few rounds; `npm run test:long` has 50 of them. */
const kills = Number(process.env.KILLS ?? 4)
const groupNames = ['one', 'two']
const people = ['ann', 'bob', 'cem']
/** Something of this kind has to be done again after a kill, before the next one; the others are cut by chance. */
const deeds: readonly (Deed | 'told')[] = ['uploaded', 'told', 'edited', 'found', 'deleted', 'sent']

async function surviveKills(
  start: (env: Record<string, string>) => Promise<Place>,
  report: (text: string) => void,
): Promise<void> {
  await using receiver = await startReceiver()
  await using place = await start({
    ...receiver.env,
    WEBHOOK_EVENTS: 'new_message, message_updated, message_deleted',
    UPLOAD_BYTES_PER_DAY: '1000GiB',
  })
  const { instances } = place
  await using undo = new AsyncDisposableStack()
  const balancer = await startBalancer(
    instances.map(({ url }) => url),
    Math.random,
  )
  undo.defer(() => balancer.close())
  const { url } = balancer
  const groups = await Promise.all(groupNames.map((name) => apiOf(url, 'ann').createGroup(name, people)))
  const ledger = newLedger()
  const over = new AbortController()
  undo.defer(() => over.abort())
  const working = Promise.all(
    groups.flatMap(({ id: groupId }) => [
      ...people.map((userId) => talk({ url, groupId, userId }, ledger, Math.random, over.signal)),
      look({ url, groupId, userId: 'ann' }, ledger, over.signal),
    ]),
  )
  // Until it is awaited a failure must not end the process.
  working.catch(() => over.abort())

  const began = performance.now()
  for (let kill = 0; kill < kills && !over.signal.aborted; kill++) {
    const deed = deeds[kill % deeds.length] ?? 'sent'
    const count = () => (deed === 'told' ? receiver.received.length : ledger.done[deed])
    const before = count()
    await eventually(
      `${deed} again after ${kill} kills`,
      () => count() > before || over.signal.aborted,
      40_000,
    )
    await sleep(Math.random() * 300)
    const instance = instances[Math.floor(Math.random() * instances.length)]
    await instance?.kill()
    assert.match(await place.lookAtFiles(), /^(ok|warn)/)
    await instance?.restart()
    if (kill % 10 === 9)
      report(`${kill + 1} kills after ${Math.round((performance.now() - began) / 1_000)} s`)
  }
  over.abort()
  await working
  report(
    `${kills} kills in ${Math.round((performance.now() - began) / 1_000)} s: ${JSON.stringify(ledger.done)}`,
  )

  for (const { id } of groups) {
    for (const instance of instances) await holdMessages(instance.url, ledger, id)
    for (const instance of instances) await holdIndex(instance.url, ledger, id)
    await holdEvents(receiver, ledger, id)
  }
  // While it starts, and while its database is busy, a service answers 503: there is to be no other error.
  const foreseen = /"event":"(store_is_away|streams_are_silent|request_refused)"|"status":503/
  const isFailure = (line: string) => /"level":"(error|critical)"/.test(line) && !foreseen.test(line)
  const failures = instances.flatMap(({ output }) => output().split('\n').filter(isFailure))
  assert.deepEqual(failures, [])

  // The files of deleted messages are kept with their text.
  const files = ledger.said.filter(({ file }) => file).length
  const all = `ok: ${files} files, each with its bytes`
  report(`before the sweep ${await place.lookAtFiles()}`)
  await place
    .sweep(async () => (await place.lookAtFiles()) === all)
    .catch(async (error: unknown) => assert.equal(await place.lookAtFiles(), all, String(error)))
}

const timeout = 180_000 + kills * 20_000
const what = `killed ${kills} times under uploads, sends, edits, deletions, searches and webhooks`
const kept = 'no message is without its file, no file without its row, all is told, and the index is right'

test(`a service on SQLite that is ${what}: ${kept}`, { timeout }, (t) =>
  surviveKills(onSqlite, (text) => t.diagnostic(text)),
)

test(
  `two instances on one MongoDB, each of which is ${what}: ${kept}`,
  {
    timeout,
    skip: (await mongoMissing()) ?? false,
  },
  (t) => surviveKills(onMongo, (text) => t.diagnostic(text)),
)

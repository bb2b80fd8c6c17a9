import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, ObjectId } from 'mongodb'
import type { MessageView } from '../../src/domain/message.ts'
import { mongoMissing, startMongo } from '../mongo/server.ts'
import { apiOf, baseOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { tokenFor } from '../support/process.ts'
import { type Instance, startBalancer, startInstance } from './cluster.ts'
import { type Listener, listen } from './listener.ts'
import { chat, type Ledger, type Person } from './load.ts'
import { seededRandom } from './random.ts'

/** `npm run test:long` has 100 of them. The same seed brings the same faults; what they meet is chance. */
const faults = Number(process.env.FAULTS ?? 9)
const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
const users = ['ann', 'bob', 'cem', 'dora']
const groupNames = ['one', 'two', 'three']

describe('three processes on one MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  test(`${faults} faults under load (SEED=${seed}): nothing acknowledged is lost, one order and one content everywhere`, {
    timeout: 60_000 + faults * 8_000,
  }, async (t) => {
    const random = seededRandom(seed)
    await using undo = new AsyncDisposableStack()
    const mongo = await startMongo()
    undo.defer(() => mongo.stop())
    const env = { MONGODB_URL: mongo.url, DATABASE_NAME: mongo.newDatabase() }
    const database = await new MongoClient(env.MONGODB_URL).connect()
    undo.defer(() => database.close())
    const rawMessages = database.db(env.DATABASE_NAME).collection('messages')

    const instances = await Promise.all([1, 2, 3].map(() => startInstance(env)))
    undo.defer(async () => void (await Promise.all(instances.map((instance) => instance.stop()))))
    const balancer = await startBalancer(
      instances.map(({ url }) => url),
      random,
    )
    undo.defer(() => balancer.close())

    // Everybody is in every group, with a socket each.
    const tokens = new Map(
      await Promise.all(users.map(async (user) => [user, await tokenFor(user)] as const)),
    )
    const url = baseOf(balancer.url)
    const groups = await Promise.all(
      groupNames.map((name) => apiOf(balancer.url, 'ann').createGroup(name, users)),
    )
    const people = groups.flatMap(({ id: groupId }) =>
      users.map((userId): Person & Listener => ({
        ...listen({ url, groupId, userId, token: tokens.get(userId) ?? '' }),
        groupId,
        api: apiOf(balancer.url, userId),
      })),
    )
    undo.defer(() => {
      for (const { client } of people) client.close()
    })
    await eventually('all are connected', () => people.every(({ group }) => group.cursor !== undefined))

    const ledger: Ledger = { sent: [], changed: [] }
    const over = new AbortController()
    const chatting = Promise.all(people.map((person) => chat(person, ledger, random, over.signal)))
    // Until it is awaited a failure must not end the process.
    chatting.catch(() => over.abort())

    const acknowledgedSince = async () => {
      const before = ledger.sent.length
      await eventually('somebody is acknowledged', () => ledger.sent.length > before, 30_000)
    }
    const away = (ms: number) => sleep(random() * ms)

    /** As an instance leaves it that died between an edit's two writes. */
    async function editByHalf(): Promise<void> {
      const _id = new ObjectId(ledger.sent[Math.floor(random() * ledger.sent.length)]?.id)
      const doc = await rawMessages.findOne({ _id })
      if (doc?.is_deleted) return
      const ver = (doc?.ver ?? 1) + 1
      await rawMessages.updateOne(
        { _id, ver: doc?.ver ?? null, unlogged: null, is_deleted: { $ne: true } } as object,
        { $set: { content: `half ${ver}`, ver, unlogged: ver, updated_at: new Date() } },
      )
    }

    const kinds: Record<string, (instance: Instance) => Promise<void>> = {
      async 'killed and started again'({ kill, restart }) {
        await kill()
        await away(2_000)
        await restart()
      },
      async "killed between an edit's two writes"({ kill, restart }) {
        await Promise.all([kill(), editByHalf()])
        await restart()
      },
      async 'killed while its link is cut'({ link, kill, restart }) {
        link.cut()
        await away(500)
        await kill()
        link.heal()
        await restart()
      },
      async 'link cut and healed'({ link }) {
        link.cut()
        await away(4_000)
        link.heal()
      },
      async 'link hung'({ link }) {
        link.hang()
        await away(6_000)
        link.heal()
      },
      async 'link slow'({ link }) {
        link.slow(20 + random() * 200)
        await away(3_000)
        link.heal()
      },
      async 'all its connections and streams to MongoDB broken'({ link }) {
        link.cut()
        link.heal()
      },
      async 'a reply lost'({ link, url }) {
        const content = `lost ${random()}`
        link.loseReplyTo(content)
        const ann = groups[0]?.id ?? ''
        const first = await apiOf(url, 'ann')
          .send(ann, content, { clientId: content })
          .catch(() => null)
        // Whatever came of it: sent again elsewhere, it is the same message.
        const again = await apiOf(balancer.url, 'ann')
          .send(ann, content, { clientId: content })
          .catch(() => null)
        for (const message of [first, again]) if (message) ledger.sent.push(message)
      },
      async "clients' connections broken"() {
        balancer.breakSome(0.1 + random() * 0.9)
      },
    }

    const names = Object.keys(kinds)
    const started = performance.now()
    let turn = names
    for (let fault = 0; fault < faults && !over.signal.aborted; fault++) {
      // Each kind once, then each once more in another order, and so on.
      if (fault % names.length === 0) turn = names.toSorted(() => random() - 0.5)
      const name = turn[fault % names.length] ?? ''
      const instance = instances[Math.floor(random() * instances.length)]
      if (!instance) continue
      const at = performance.now()
      await kinds[name]?.(instance)
      if (random() < 0.7) await acknowledgedSince()
      t.diagnostic(`${fault + 1}: ${name}, ${Math.round(performance.now() - at)} ms`)
    }
    over.abort()
    await chatting
    t.diagnostic(
      `${faults} faults in ${Math.round((performance.now() - started) / 1_000)} s; acknowledged: ` +
        `${ledger.sent.length} messages, ${ledger.changed.length} edits and deletes`,
    )

    for (const { id: groupId } of groups) {
      const here = people.filter((person) => person.groupId === groupId)
      const histories = () => Promise.all(instances.map(({ url }) => apiOf(url, 'bob').history(groupId)))
      const agree = async () => {
        const [first, ...others] = await histories()
        const contents = JSON.stringify(first)
        return (
          others.every((other) => JSON.stringify(other) === contents) &&
          here.every(({ shown }) => JSON.stringify(inOrder(shown)) === contents)
        )
      }
      await eventually('everybody shows the same', agree, 20_000).catch(async (error: unknown) => {
        const [first = [], ...others] = await histories()
        for (const other of others) assert.deepEqual(other, first, String(error))
        for (const person of here) {
          assert.deepEqual(person.complaints, [])
          assert.deepEqual(inOrder(person.shown), first, `${person.userId}: ${error}`)
        }
        throw error
      })
      const [order = []] = here.map((person) => person.order)
      for (const person of here) assert.deepEqual(person.order, order, 'one order')
      const history = new Map(((await histories())[0] ?? []).map((message) => [message.id, message]))
      const inGroup = ({ group_id }: { group_id: string }) => group_id === groupId
      for (const message of ledger.sent.filter(inGroup))
        assert.equal(order[message.seq - 1], message.id, 'an acknowledged message is lost or moved')
      for (const message of ledger.changed.filter(inGroup)) {
        const now = history.get(message.id)
        if (message.is_deleted) assert.equal(now, undefined, 'a delete is lost')
        else if (now) assert.ok(now.ver > message.ver || now.content === message.content, 'an edit is lost')
      }
      assert.equal(new Set(order).size, order.length)
    }
    for (const person of people) assert.deepEqual(person.complaints, [])
    // The store or its streams are away, and what is asked for is answered 503: there is to be no other error.
    const foreseen = /"event":"(store_is_away|streams_are_silent|request|request_refused|frame_refused)"/
    const isFailure = (line: string) =>
      (/"level":"(error|critical)"/.test(line) && !foreseen.test(line)) || /"status":500/.test(line)
    for (const instance of instances) assert.deepEqual(instance.output().split('\n').filter(isFailure), [])
    assert.deepEqual(await Promise.all(instances.map((instance) => instance.stop())), [0, 0, 0])
  })
})

const inOrder = (shown: ReadonlyMap<string, MessageView>) => [...shown.values()].sort((a, b) => a.seq - b.seq)

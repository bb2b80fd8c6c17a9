import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { ObjectId } from 'mongodb'
import type { MetaDoc } from '../../../src/store/mongo/own-documents.ts'
import type { TestMongo } from '../../mongo/server.ts'
import { eventually } from '../../support/eventually.ts'
import type { Frame } from '../../support/socket.ts'
import { assertRun, isMessage, messageOf } from './heard.ts'
import { type Database, newDatabase, type Pair, startPair } from './pair.ts'
import type { Race } from './round.ts'

const before = 20
const after = 40
const takeAwayEveryMs = 20

export const adopters: Race = {
  name: 'messages by hand while two instances start and both adopt: numbers without a hole or a double',
  width: 5,
  async round({ pair: { mongo }, name, random, moment, together }) {
    const ann = name('ann')
    const database = await together('database', () => newDatabase(mongo))
    const _id = new ObjectId()
    const groupId = _id.toHexString()
    await database.collection('groups').insertOne({ _id, name: 'by hand', authorized_user_ids: [ann] })
    const messages = database.collection('messages')
    let count = 0
    const byHand = (): object => ({
      group_id: groupId,
      sender_id: ann,
      content: `${++count}`,
      created_at: new Date(),
      is_deleted: random() < 0.1,
    })
    await messages.insertMany(Array.from({ length: before }, byHand))

    let isStarted = false
    const starting = together('start', () => startAdopters(mongo, database)).finally(() => {
      isStarted = true
    })
    starting.catch(() => undefined)
    while (!isStarted) {
      await messages.insertOne(byHand())
      await moment(1_000)
    }
    const { pair, stop } = await starting
    try {
      const socket = await pair.open(pair.b, ann, `/ws/${groupId}`)
      await socket.next('connected')
      const apis = [pair.a, pair.b].map((at) => pair.api(at, ann))
      for (let i = 0; i < after; i++) {
        await moment(15)
        const api = apis[Math.floor(random() * 6)]
        await (api ? api.send(groupId, `${++count}`) : messages.insertOne(byHand()))
      }
      await eventually(
        'all have numbers',
        async () => (await messages.countDocuments({ group_id: groupId, seq: { $gt: 0 } })) === count,
        20_000,
      )
      const docs = await messages.find({ group_id: groupId }).sort({ seq: 1 }).toArray()
      assertRun(
        docs.map(({ seq }) => seq),
        0,
        count,
      )
      const there = docs.filter(({ is_deleted }) => !is_deleted).map(({ seq }) => seq)
      for (const api of apis) {
        const history = await api.history(groupId)
        assert.deepEqual(
          history.map(({ seq }) => seq),
          there,
        )
      }
      await eventually('the listener hears the last', () => toldSeqs(socket.frames).at(-1) === count)
      await socket.close()
      const told = toldSeqs(socket.frames)
      assertRun(told, (told[0] ?? 0) - 1, count)
    } finally {
      await together('stop', stop)
    }
  },
}

/** Two instances that both adopt: each believes for some seconds to be alone in it, as after a long pause. */
async function startAdopters(
  mongo: TestMongo,
  database: Database,
): Promise<{ pair: Pair; stop(): Promise<void> }> {
  const lease = database.collection<MetaDoc>('meta')
  let isOver = false
  async function takeAway(): Promise<void> {
    while (!isOver) {
      await lease.updateOne({ _id: 'adopter' }, { $set: { holder: null } })
      await sleep(takeAwayEveryMs)
    }
  }
  const takingAway = takeAway()
  async function stop(pair?: Pair): Promise<void> {
    isOver = true
    await takingAway
    await (pair ?? database)[Symbol.asyncDispose]()
  }
  try {
    const pair = await startPair(mongo, { database })
    return { pair, stop: () => stop(pair) }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A message that was deleted before it was told has its number too. */
const toldSeqs = (frames: readonly Frame[]): number[] =>
  frames.flatMap((frame) =>
    isMessage(frame) ? messageOf(frame).seq : frame.type === 'message_deleted' ? Number(frame.seq) : [],
  )

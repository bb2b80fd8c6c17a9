import { ObjectId } from 'mongodb'
import type { Api } from '../../support/api.ts'
import { untilAnswered } from '../until-answered.ts'
import type { Round } from './round.ts'

/** On a busy machine an answer may be 503, where no race is about that. */
const busy = { again: /answered 503/, withinMs: 20_000, pauseMs: 200 }

/** A group, as its owner has it at one instance. */
export interface OwnGroup {
  readonly id: string
  readonly owner: Api
  send(content: string): ReturnType<Api['send']>
  /** So many messages, some of them at the same time. */
  sendMany(count: number): Promise<void>
  setMembers(...members: string[]): Promise<void>
  rename(name: string): Promise<void>
  /** The cursor of now. */
  cursor(): Promise<string>
  /** As the upkeep of logs touches the group's document, though nothing is trimmed. */
  touch(): Promise<void>
}

/** Made at `a` by its owner; all that it was goes with the round, so that each round has as much to look through as the first. */
export async function makeGroup(
  { pair, defer }: Round,
  ownerId: string,
  members: string[],
): Promise<OwnGroup> {
  const owner = pair.api(pair.a, ownerId)
  const { id } = await untilAnswered(() => owner.createGroup('race', members), busy)
  let touched = 0
  let sent = 0
  defer(async () => {
    await pair.collection('groups').deleteOne({ _id: new ObjectId(id) })
    for (const name of ['messages', 'changes']) await pair.collection(name).deleteMany({ group_id: id })
  })

  async function put(body: object): Promise<void> {
    const { status, body: answer } = await owner.call('PUT', `/groups/${id}`, { body })
    if (status !== 200) throw new Error(`the change of a group was answered ${status}: ${answer.detail}`)
  }

  const group: OwnGroup = {
    id,
    owner,
    send(content) {
      const key = `race-${++sent}`
      return untilAnswered(() => owner.send(id, content, { clientId: key }), busy)
    },
    async sendMany(count) {
      await Promise.all(Array.from({ length: count }, (_, i) => group.send(`${i}`)))
    },
    setMembers: (...ids) => untilAnswered(() => put({ authorized_user_ids: ids }), busy),
    rename: (name) => untilAnswered(() => put({ name }), busy),
    async cursor() {
      const { body } = await owner.call('GET', `/groups/${id}/events`)
      return String(body.cursor)
    },
    async touch() {
      await pair.collection('groups').updateOne({ _id: new ObjectId(id) }, { $set: { log_start: --touched } })
    },
  }
  return group
}

/** Sends one after the other, a few milliseconds apart, until it is stopped or the round ends. Returns the way to stop. */
export function keepSending({ send }: OwnGroup, { moment, defer }: Round): () => Promise<void> {
  let isOver = false
  async function work(): Promise<void> {
    while (!isOver) {
      await send('meanwhile')
      await moment(10)
    }
  }
  const working = work()
  // Until it is awaited a failure must not end the process.
  working.catch(() => undefined)
  const stop = (): Promise<void> => {
    isOver = true
    return working
  }
  defer(() => void stop())
  return stop
}

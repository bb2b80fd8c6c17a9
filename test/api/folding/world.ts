import { MongoClient, ObjectId } from 'mongodb'
import { type Api, createApi, tokenOf } from '../../support/api.ts'
import { type Folded, readGroup } from '../../support/folded.ts'
import { temporaryFolder } from '../../support/process.ts'
import { newDatabaseEnv, startService, type TestService } from '../../support/service.ts'
import { type Frame, openSocket, type TestSocket } from '../../support/socket.ts'

/** Somebody who may always hear the group, and folds what they hear into what they read at first. */
export interface Follower {
  readonly folded: Folded
  /** The next connection goes to another instance, and on from where the last one ended. */
  reconnect(): Promise<void>
  /** What was wrong with what was heard. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** One service on SQLite, or two on one MongoDB, which can be restarted. */
export interface World {
  readonly instances: number
  api(instance: number, as: string): Api
  follow(groupId: string): Promise<Follower>
  restart(instance: number): Promise<void>
  /** Changes the list of members past all instances, as an operator in mongosh; null on SQLite, where nobody can. */
  readonly byHand: ((groupId: string, change: 'add' | 'remove', userId: string) => Promise<void>) | null
  close(): Promise<void>
}

const operator = 'root (admin)'

/** Limits are tried elsewhere, and random commands come fast. */
const unlimited = Object.fromEntries(
  ['GROUPS', 'REACTIONS', 'EDITS', 'READS', 'JOINS', 'DIRECT', 'SUBSCRIPTIONS', 'CONNECTIONS'].map((kind) => [
    `RATE_LIMIT_${kind}`,
    '0',
  ]),
)

export async function startWorld(): Promise<World> {
  const folder = temporaryFolder()
  const onMongo = process.env.TEST_STORE === 'mongodb'
  const mongo = onMongo ? await newDatabaseEnv() : null
  const env = { ...unlimited, ...(mongo ?? { DATA_DIR: folder.path }) }
  const services: TestService[] = []
  for (const _ of onMongo ? [1, 2] : [1]) services.push(await startService(env))
  const client = mongo && (await new MongoClient(mongo.MONGODB_URL).connect())
  const at = (instance: number) => services[instance % services.length] as TestService
  let turn = 0

  async function follow(groupId: string): Promise<Follower> {
    const complaints: string[] = []
    const api = (instance: number) => createApi(at(instance).base, { as: operator })
    let cursor = String((await api(turn).call('GET', `/groups/${groupId}/events`)).body.cursor)
    const folded = await readGroup(api(turn), groupId)
    const told = new Set<string>()
    let lastSeq = 0
    let socket: TestSocket | undefined

    function hear(frame: Frame): void {
      if (frame.type === 'resync') complaints.push(`resync: ${frame.reason}`)
      if (typeof frame.cursor !== 'string' || frame.type === 'connected' || frame.type === 'resync') return
      if (told.has(frame.cursor)) complaints.push(`twice: ${frame.type} at ${frame.cursor}`)
      told.add(frame.cursor)
      cursor = frame.cursor
      const { seq } = (frame.message ?? {}) as { seq?: number }
      if (frame.type === 'new_message' && seq !== undefined) {
        if (seq <= lastSeq) complaints.push(`message ${seq} after ${lastSeq}`)
        lastSeq = seq
      }
      folded.fold(frame)
    }

    async function connect(): Promise<void> {
      const instance = turn++
      const next = await openSocket(`${at(instance).base}/ws/${groupId}`, {
        token: await tokenOf(operator),
        after: cursor,
      })
      let heard = 0
      const read = () => {
        for (; heard < next.frames.length; heard++) hear(next.frames[heard] as Frame)
      }
      read()
      next.ws.on('message', read)
      socket = next
    }

    /** What is still on its way when a connection is cut is told again by the next one. */
    function cut(): void {
      socket?.ws.removeAllListeners('message')
      socket?.ws.terminate()
    }

    await connect()
    return {
      folded,
      complaints,
      async reconnect() {
        cut()
        await connect()
      },
      async close() {
        cut()
      },
    }
  }

  return {
    instances: services.length,
    api: (instance, as) => createApi(at(instance).base, { as }),
    follow,
    async restart(instance) {
      const index = instance % services.length
      await services[index]?.[Symbol.asyncDispose]()
      services[index] = await startService(env)
    },
    byHand:
      mongo && client
        ? async (groupId, change, userId) => {
            const groups = client
              .db(mongo.DATABASE_NAME)
              .collection<{ authorized_user_ids: string[] }>('groups')
            const list = { authorized_user_ids: userId }
            await groups.updateOne(
              { _id: new ObjectId(groupId) },
              change === 'add' ? { $addToSet: list } : { $pull: list },
            )
          }
        : null,
    async close() {
      for (const service of services) await service[Symbol.asyncDispose]()
      await client?.close()
      folder[Symbol.dispose]()
    },
  }
}

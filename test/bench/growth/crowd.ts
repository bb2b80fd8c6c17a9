import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, apiOf } from '../../support/api.ts'
import { temporaryFolder, tokenFor } from '../../support/process.ts'
import { numbers } from '../../support/samples.ts'
import { fill } from '../fill.ts'
import { startHere } from '../service.ts'
import type { Ask, Heard } from './crowd-client.ts'
import { fillGroups } from './fill-groups.ts'

/** A service in this process, a group of its users, and their sockets in another process. */
export interface Crowd {
  readonly groupId: string
  /** Of the group's owner. */
  readonly api: Api
  /** Opens a socket of each user, at the group; with `after`, from that cursor on. */
  open(after?: string): Promise<Heard>
  ask(ask: Ask): Promise<Heard>
  /** Resolves when nobody has heard anything for a while. */
  quiet(): Promise<Heard>
  [Symbol.asyncDispose](): Promise<void>
}

/** Comings are told every 2 s at most. */
const quietMs = 2_500

export async function gather(sockets: number, { messages = 0, env = {} } = {}): Promise<Crowd> {
  const folder = temporaryFolder()
  const groupId = messages ? fill(folder.path, messages) : String(fillGroups(folder.path, 1, sockets + 1)[0])
  const service = await startHere(folder.path, env)
  const port = Number(new URL(service.url).port)
  const client = fork(join(import.meta.dirname, 'crowd-client.ts'))
  const gone = once(client, 'exit')

  async function ask(what: Ask): Promise<Heard> {
    client.send(what)
    const early = gone.then(() => {
      throw new Error('the crowd ended before its time')
    })
    return (await Promise.race([once(client, 'message'), early]))[0]
  }

  return {
    groupId,
    api: apiOf(service.url, 'ann'),
    ask,
    async open(after) {
      const query = after === undefined ? '' : `&after=${after}`
      const paths: string[] = []
      for (const n of numbers(2, sockets + 1)) {
        const token = await tokenFor(messages ? 'ann' : `user-${n}`)
        paths.push(`/api/chat/ws/${groupId}?token=${token}${query}`)
      }
      return ask({ open: { port, paths } })
    },
    async quiet() {
      let heard = await ask('heard')
      for (let before = -1; before !== heard.frames; heard = await ask('heard')) {
        before = heard.frames
        await sleep(quietMs)
      }
      return heard
    },
    async [Symbol.asyncDispose]() {
      if (client.connected) client.disconnect()
      await gone
      await service.close()
      folder[Symbol.dispose]()
    },
  }
}

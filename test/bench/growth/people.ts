import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '../../../src/domain/message.ts'
import type { Store } from '../../../src/store/store.ts'
import { openIn } from '../../store/open.ts'
import { apiOf } from '../../support/api.ts'
import { temporaryFolder } from '../../support/process.ts'
import { admin, aSend, newGroup, numbers, t0, user } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { fill } from '../fill.ts'
import { startHere } from '../service.ts'
import { membersOf } from './fill-groups.ts'
import { type Growth, held } from './growth.ts'

const sizes = {
  large: {
    messages: Number(process.env.MESSAGES ?? 1_000_000),
    members: Number(process.env.MEMBERS ?? 10_000),
  },
  small: { messages: 100, members: 10 },
}
const rounds = 200

/** A group, and what the works need of it. */
interface Scene {
  readonly id: string
  readonly root: Message
}

type Size = keyof typeof sizes

/**
 * What is done with the people and the messages of a group of many messages and members, and of one of few: times of calls of the
 * store on SQLite, writes with their commit. A reaction is measured beside a send.
 */
export async function people(): Promise<Growth[]> {
  using folder = temporaryFolder()
  const ids = {
    large: fill(folder.path, sizes.large.messages, membersOf(sizes.large.members)),
    small: fill(folder.path, sizes.small.messages, membersOf(sizes.small.members)),
  }
  const store = await openIn(folder.path)
  const scenes = { large: await furnish(store, ids.large), small: await furnish(store, ids.small) }
  const works: Record<string, (scene: Scene, n: number) => Promise<unknown>> = {
    'a page of members': ({ id }) => store.members.list(id, { limit: 10 }),
    'who one is in it': ({ id }, n) => store.members.read(id, `nobody-${n}`),
    'add one and remove them': async ({ id }, n) => {
      await store.members.add(id, [`new-${n}`], 'added', admin, t0)
      await store.members.remove(id, `new-${n}`, admin, t0)
    },
    'ban one and take it back': async ({ id }, n) => {
      await store.bans.put(id, `banned-${n}`, { reason: '', until: null }, admin, t0)
      await store.bans.remove(id, `banned-${n}`, admin, t0)
    },
    'the pins': ({ id }) => store.pins.list(id),
    'a page of answers': ({ root }) => store.messages.listReplies(root, { limit: 50, after: 0 }),
    'react and take it back': async ({ root }, n) => {
      await store.reactions.add(root.id, '👍', user(`user-${2 + (n % 9)}`), t0)
      await store.reactions.remove(root.id, '👍', user(`user-${2 + (n % 9)}`), t0)
    },
  }
  const rows: Growth[] = []
  for (const [name, work] of Object.entries(works)) {
    const times: Record<Size, number[]> = { large: [], small: [] }
    for (const n of numbers(1, rounds))
      for (const size of ['large', 'small'] as const) {
        const start = performance.now()
        await work(scenes[size], n)
        times[size].push(performance.now() - start)
        if (n % 50 === 0) await sleep(1)
      }
    const { messages, members } = sizes.large
    const action = `${name}: ${messages.toLocaleString('en')} messages, ${members} members (100, 10)`
    rows.push(...held(action, median(times.large), median(times.small), { ms: 50, ratio: 2 }))
  }
  await store.close()
  rows.push(await reactionBesideSend(folder.path, scenes.large))
  return rows
}

/** 50 pins, and 50 answers to one message. */
async function furnish(store: Store, id: string): Promise<Scene> {
  const messages = await store.messages.list(id, { limit: 50, offset: 0 })
  for (const { id: messageId } of messages) await store.pins.add(messageId, admin, t0)
  const [root] = messages
  if (!root) throw new Error('the group has no message')
  const group = { ...newGroup(), id, authorizedUserIds: ['ann'] }
  for (const n of numbers(1, 50))
    await store.messages.append(
      aSend(group, { content: `answer ${n}`, replyTo: root.id, threadId: root.id }),
      user('ann'),
    )
  return { id, root }
}

/** Reactions of a thousand people to one message, all at once over REST, and as many sends. */
async function reactionBesideSend(folder: string, { id, root }: Scene): Promise<Growth> {
  const service = await startHere(folder, { RATE_LIMIT_REACTIONS: '0' })
  const crowd = membersOf(1_000)
  const apis = crowd.map((user) => apiOf(service.url, user))
  const timed = async (path: (n: number) => string, method: string, body?: (n: number) => object) => {
    const start = performance.now()
    const answers = await Promise.all(
      apis.map((api, n) => api.call(method, path(n), body && { body: body(n) })),
    )
    for (const { status, text } of answers) if (status > 201) throw new Error(text)
    return performance.now() - start
  }
  const [reacts, sends] = [[] as number[], [] as number[]]
  for (const emoji of ['🎉', '🚀', '👀', '🙌', '💯']) {
    sends.push(
      await timed(
        () => `/groups/${id}/messages`,
        'POST',
        (n) => ({ content: `${emoji} ${n}` }),
      ),
    )
    reacts.push(await timed(() => `/messages/${root.id}/reactions/${encodeURIComponent(emoji)}`, 'PUT'))
  }
  await service.close()
  const [large, small] = [median(reacts), median(sends)]
  return {
    action: '1,000 people react at once to one message (send as many messages), over REST',
    large: `${large.toFixed(0)} ms`,
    small: `${small.toFixed(0)} ms`,
    figure: large / small,
    bound: 1.5,
  }
}

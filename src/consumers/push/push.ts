import type { Position } from '../../domain/cursor.ts'
import type { Device } from '../../domain/device.ts'
import { every } from '../../domain/every.ts'
import type { Message } from '../../domain/message.ts'
import type { PersonOf } from '../../domain/person.ts'
import type { Hub } from '../../hub/hub.ts'
import { readEntries } from '../../hub/log.ts'
import type { Answer, Outward } from '../../outward/post.ts'
import type { Store } from '../../store/store.ts'
import { createConsumer } from '../consumer.ts'
import { encrypt } from './encryption.ts'
import type { Notice } from './notice.ts'
import { payloadOf } from './payload.ts'
import { createRecipients } from './recipients.ts'
import { createRetries } from './retries.ts'
import type { Vapid } from './vapid.ts'

/** Tells the browsers of people who are away of messages, each soon or not at all. */
export interface Push {
  /** Resolves when what is said from now on will be told, by this instance or another. */
  readonly begun: Promise<void>
  /** For how long a message has waited to be told, in milliseconds; null where another instance does the work. */
  lagMs(): number | null
  /** What has to be tried again is given up. */
  stop(): Promise<void>
}

/** `ok`; `gone`: the browser has no subscription any more; `later`: it is tried again; `refused`, `given_up`: it is not told. */
export type PushOutcome = 'ok' | 'gone' | 'later' | 'refused' | 'given_up'

export interface PushDeps {
  store: Store
  hub: Pick<Hub, 'online'>
  personOf: PersonOf
  vapid: Vapid
  outward: Outward
  /** Whether anything may be sent there: the address that its name has is looked at when it is connected to. */
  isEndpoint(url: string): boolean
  /** Whether the text of messages is sent. */
  withContent: boolean
  now: () => number
  clock: () => number
  log: Record<'info' | 'warn', (event: string, fields: Record<string, unknown>) => void>
  onAttempt(outcome: PushOutcome): void
}

const name = 'push'
/** Entries of one read; users whose devices are looked up at a time; devices that are told at the same time. */
const perRead = 100
const perLook = 1_000
export const pushesAtOnce = 32
/** A push service keeps a message for a device that is off for so many seconds. */
const ttlSeconds = 24 * 3_600
/** What was said longer ago than this, in milliseconds, is told by nobody: it is no news any more. */
const newsMs = 3_600_000
const retryEveryMs = 1_000

export function createPush(deps: PushDeps): Push {
  const { store, hub, personOf, vapid, outward, isEndpoint, withContent, now, clock, log, onAttempt } = deps
  const recipientsOf = createRecipients(store, hub.online)
  const retries = createRetries(now)
  const stopping = new AbortController()

  /** How many messages the user has not read; 0 when this one was read, on whatever device. */
  async function unread(userId: string, { groupId, seq }: Message): Promise<number> {
    const reading = (await store.reads.ofUser(userId, [groupId])).get(groupId)
    return reading && reading.readSeq < seq ? Math.max(1, reading.unreadCount) : 0
  }

  async function isLoggedIn({ sessionId }: Device): Promise<boolean> {
    return sessionId === null || (await store.sessions.read(sessionId, now())) !== null
  }

  const end = ({ endpoint, userId }: Device) => store.devices.remove(endpoint, userId)

  async function post({ device, group, message, isUrgent }: Notice, count: number): Promise<Answer> {
    const url = new URL(device.endpoint)
    if (!isEndpoint(device.endpoint)) throw new Error('this is no public address')
    const payload = payloadOf(group, message, { unread: count, personOf, withContent })
    const headers = {
      authorization: await vapid.authorization(url.origin),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: `${ttlSeconds}`,
      urgency: isUrgent ? 'high' : 'normal',
      // At most 32 characters of base64url, which an id is.
      topic: group.id,
    }
    return outward.post(url, headers, encrypt(payload, device), stopping.signal)
  }

  async function tell(notice: Notice): Promise<void> {
    const { device, message } = notice
    if (!(await isLoggedIn(device))) return void (await end(device))
    const count = await unread(device.userId, message)
    if (count === 0) return
    try {
      const { status, headers } = await post(notice, count)
      if (status >= 200 && status < 300) return onAttempt('ok')
      if (status === 404 || status === 410) {
        await end(device)
        return onAttempt('gone')
      }
      if (status === 429 || status >= 500)
        return again(notice, `it answered ${status}`, headers['retry-after'])
      log.warn('push_refused', { origin: new URL(device.endpoint).origin, reason: `it answered ${status}` })
      onAttempt('refused')
    } catch (error) {
      stopping.signal.throwIfAborted()
      again(notice, (error as Error).message)
    }
  }

  function again(notice: Notice, reason: string, retryAfter?: string): void {
    const isKept = retries.add(notice, retryAfter)
    onAttempt(isKept ? 'later' : 'given_up')
    if (!isKept) log.warn('push_given_up', { origin: new URL(notice.device.endpoint).origin, reason })
  }

  async function tellAll(notices: readonly Notice[]): Promise<void> {
    const waiting = notices.values()
    const worker = async () => {
      for (const notice of waiting) await tell(notice)
    }
    await Promise.all(Array.from({ length: Math.min(pushesAtOnce, notices.length) }, worker))
  }

  async function announce(message: Message): Promise<void> {
    const found = await recipientsOf(message)
    if (!found) return
    const { group, recipients } = found
    const urgent = new Map(recipients.map(({ userId, isUrgent }) => [userId, isUrgent]))
    const userIds = [...urgent.keys()]
    for (let i = 0; i < userIds.length; i += perLook) {
      const devices = await store.devices.ofUsers(userIds.slice(i, i + perLook))
      const notices = devices.map((device) => ({
        device,
        group,
        message,
        isUrgent: urgent.get(device.userId) ?? false,
      }))
      for (const notice of notices) retries.supersede(notice)
      await tellAll(notices)
    }
  }

  async function take(groupId: string, from: Position): Promise<Position> {
    if (!(await store.log.readHead(groupId))) return from
    const page = await readEntries(store, groupId, from, perRead)
    for (const { log, at, event, time } of page.entries) {
      if (log !== 'messages' || event?.type !== 'new_message' || now() - time > newsMs) continue
      await announce(event.message)
      return at
    }
    return page.at
  }

  /** What is still worth telling: the message is there, the user is away, and the device is still theirs. */
  async function isCurrent({ device, message }: Notice): Promise<boolean> {
    if (hub.online(message.groupId).connectionsOf(device.userId) > 0) return false
    const [devices, found] = await Promise.all([
      store.devices.ofUsers([device.userId]),
      store.messages.read(message.id),
    ])
    return found?.isDeleted === false && devices.some(({ endpoint }) => endpoint === device.endpoint)
  }

  /** Whoever has the lease by now knows nothing of these. */
  async function retry(): Promise<void> {
    const due = retries.takeDue()
    const waiting = due.values()
    const worker = async () => {
      for (const notice of waiting) if (await isCurrent(notice)) await tell(notice)
    }
    await Promise.all(Array.from({ length: Math.min(pushesAtOnce, due.length) }, worker)).catch(
      (error: unknown) => {
        if (!stopping.signal.aborted) log.warn('push_failed', { error })
      },
    )
  }

  const consumer = createConsumer({ store, name, take, fromNow: true, clock, log })
  const stopRetrying = every(retryEveryMs, retry)

  return {
    begun: consumer.begun,
    lagMs: consumer.lagMs,
    async stop() {
      stopRetrying()
      const stopped = consumer.stop()
      stopping.abort()
      await stopped
      outward.close()
    },
  }
}

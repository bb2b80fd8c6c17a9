import { mayPass } from '../protocol/passing.ts'
import { chatError } from './errors.ts'
import type { ChatError, ChatEvent } from './types.ts'

/**
 * Where this client is in each group that it listens to. After a lost connection a group goes on from there: what comes of it before
 * the service begins at that place is left out, because it comes again.
 */
export interface Subscriptions {
  cursor(groupId: string): string | undefined
  /** Listens to the group, from the cursor if there is one. Rejects with ChatError. */
  subscribe(groupId: string, after: string | undefined): Promise<void>
  unsubscribe(groupId: string): Promise<void>
  /** Takes a frame of the service. */
  receive(frame: ChatEvent): void
  lost(): void
  /** Those who wait for an answer get none. */
  close(error: ChatError): void
}

interface Deps {
  send(frame: object): boolean
  after(ms: number, run: () => void): () => void
  tell(event: ChatEvent): void
}

/** A frame that waits for its answer. */
interface Asked {
  readonly groupId: string
  readonly type: 'subscribe' | 'unsubscribe'
  resolve?(): void
  reject?(error: ChatError): void
}

/** The versions of so many messages are remembered. */
const mostVersions = 5_000
const pauseMs = 1_000

export function createSubscriptions({ send, after, tell }: Deps): Subscriptions {
  const cursors = new Map<string, string>()
  /** Groups that are to go on from their cursor, and have not begun to. */
  const held = new Set<string>()
  const asked = new Map<string, Asked>()
  const versions = new Map<string, number>()
  let lastId = 0

  function ask(what: Asked): void {
    const { groupId, type } = what
    const id = `s${++lastId}`
    asked.set(id, what)
    const from = cursors.get(groupId)
    if (type === 'subscribe' && from !== undefined) held.add(groupId)
    send({ type, id, group_id: groupId, ...(type === 'subscribe' && from !== undefined && { after: from }) })
  }

  function connected(groups: { group_id: string; name: string; cursor: string; seq: number }[]): void {
    const listed = new Map(groups.map((group) => [group.group_id, group]))
    // What was asked before the connection was lost is asked again.
    const again = [...asked.values()]
    asked.clear()
    for (const what of again) ask(what)
    const isAsked = new Set(again.map(({ groupId }) => groupId))
    for (const [groupId, cursor] of cursors)
      if (listed.get(groupId)?.cursor !== cursor && !isAsked.has(groupId)) ask({ groupId, type: 'subscribe' })
    const isFirst = cursors.size === 0
    for (const group of groups) {
      if (cursors.has(group.group_id)) continue
      cursors.set(group.group_id, group.cursor)
      if (!isFirst) tell({ ...group, type: 'subscribed' })
    }
  }

  function refused(id: string, what: Asked, frame: ChatEvent): void {
    const { code, detail, retry_after_ms } = frame
    if (mayPass(code) || code === 'rate_limited')
      return void after(retry_after_ms ?? pauseMs, () => {
        if (asked.get(id) === what) {
          asked.delete(id)
          ask(what)
        }
      })
    asked.delete(id)
    if (what.type === 'subscribe') {
      held.delete(what.groupId)
      if (cursors.delete(what.groupId)) tell({ type: 'unsubscribed', group_id: what.groupId, reason: code })
    }
    what.reject?.(chatError(code, detail))
  }

  /** A state of a message is told once, by its version. */
  function isKnown({ type, message, message_id }: ChatEvent): boolean {
    if (type === 'message_deleted') {
      versions.delete(message_id)
      return false
    }
    if (type !== 'new_message' && type !== 'message_updated') return false
    const known = versions.get(message.id) ?? 0
    versions.delete(message.id)
    versions.set(message.id, Math.max(known, message.ver))
    if (versions.size > mostVersions) versions.delete(versions.keys().next().value as string)
    return known >= message.ver
  }

  function receive(frame: ChatEvent): void {
    const { type, group_id: groupId = '', cursor, re } = frame
    if (type === 'connected') return connected(frame.groups)
    if (type === 'ack' || type === 'error') {
      const what = asked.get(re)
      if (!what) return
      if (type === 'error') return refused(re, what, frame)
      asked.delete(re)
      return what.resolve?.()
    }
    if (type === 'subscribed') {
      if (held.has(groupId) && cursors.get(groupId) !== cursor) return
      held.delete(groupId)
      const isNew = !cursors.has(groupId)
      cursors.set(groupId, cursor ?? '')
      return isNew ? tell(frame) : undefined
    }
    if (type === 'resync') {
      held.delete(groupId)
      cursors.set(groupId, cursor ?? '')
      return tell(frame)
    }
    if (type === 'unsubscribed') {
      held.delete(groupId)
      cursors.delete(groupId)
      return tell(frame)
    }
    if (cursor !== undefined) {
      if (held.has(groupId) || !cursors.has(groupId)) return
      cursors.set(groupId, cursor)
      if (isKnown(frame)) return
    }
    tell(frame)
  }

  const asking = (groupId: string, type: Asked['type']): Promise<void> =>
    new Promise((resolve, reject) => ask({ groupId, type, resolve, reject }))

  return {
    cursor: (groupId) => cursors.get(groupId),

    subscribe(groupId, from) {
      if (from !== undefined) cursors.set(groupId, from)
      return asking(groupId, 'subscribe')
    },

    unsubscribe(groupId) {
      cursors.delete(groupId)
      held.delete(groupId)
      return asking(groupId, 'unsubscribe')
    },

    receive,
    lost: () => held.clear(),

    close(error) {
      for (const { reject } of asked.values()) reject?.(error)
      asked.clear()
    },
  }
}

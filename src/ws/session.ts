import type { Chat } from '../chat/chat.ts'
import type { Inbox, Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import { messageView } from '../domain/message.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics, SocketEvent } from '../observe/metrics.ts'
import { textFrame } from './frame.ts'
import type { Line } from './line.ts'
import {
  closeCodes,
  endCode,
  type Frame,
  type FrameId,
  frameId,
  maxBadFrames,
  maxSubscriptions,
  maxUnderWay,
  readFrame,
} from './protocol.ts'

/** One connected client: what it sends is done, what it listens to is passed on. Knows no socket library. */
export interface Session {
  readonly by: Caller
  /** Milliseconds since 1970: when its token ends, a little grace included. */
  readonly expiresAt: number
  /** One text message of the client. */
  receive(text: string): void
  /** Tells the client that we go, and when to come back. */
  leave(retryAfterMs: number): void
  close(code: number, reason: string): void
  /** The socket is gone. */
  end(): void
}

interface Deps {
  chat: Chat
  log: Log
  verify(token: string): Promise<Caller & { expiresAt: number }>
  line: Line
  by: Caller
  expiresAt: number
  /** Something that operators want to know happened. */
  tell(event: SocketEvent['event'], groupId: string, detail?: string): void
  onFrame: Metrics['frame']
}

/** What a session is for: one group, or all that the user may hear. */
export type Scope = { group: Subscription } | { inbox: Inbox }

export function createSession(deps: Deps, scope: Scope): Session {
  const { chat, line, by, log } = deps
  let { expiresAt } = deps
  const subscriptions = new Map<string, Subscription>()
  const onlyGroup = 'group' in scope ? scope.group.group.id : undefined
  let badFrames = 0
  let underWay = 0

  const send = (answer: object) => line.write(textFrame(JSON.stringify(answer)))

  /** Begins to listen. Whatever is told before the first event has been written when this returns. */
  function listen(subscription: Subscription): void {
    const { id: groupId } = subscription.group
    subscriptions.set(groupId, subscription)
    const { resync, resumed, cursor } = subscription
    if (resync) {
      send({ type: 'resync', group_id: groupId, cursor, reason: resync })
      deps.tell('resync', groupId, resync)
    } else if (resumed) deps.tell('resumed', groupId)
    subscription
      .start({
        userId: by.userId,
        deliver: line.write,
        drained: line.drained,
        get closed() {
          return !line.open || subscriptions.get(groupId) !== subscription
        },
        end(reason) {
          if (onlyGroup) line.close(endCode[reason], reason)
          else if (drop(groupId)) send({ type: 'unsubscribed', group_id: groupId, code: endCode[reason] })
        },
      })
      .catch((error: unknown) => {
        // Half a replay is worth nothing: the client comes back with its cursor.
        log.warn('replay_failed', { group_id: groupId, user_id: by.userId, error })
        line.close(closeCodes.restart, 'the store is away')
      })
  }

  function drop(groupId: string): boolean {
    subscriptions.get(groupId)?.stop()
    return subscriptions.delete(groupId)
  }

  const describe = ({ group, seq, cursor }: Subscription) => ({
    group_id: group.id,
    name: group.name,
    cursor,
    seq,
  })

  async function subscribe(groupId: string, after?: string): Promise<void> {
    if (!subscriptions.has(groupId) && subscriptions.size >= maxSubscriptions)
      throw new ChatError('rate_limited', `At most ${maxSubscriptions} groups on one socket.`)
    const subscription = await chat.live.subscribe(by, groupId, after)
    if (!line.open) return subscription.stop()
    drop(groupId)
    send({ type: 'subscribed', ...describe(subscription) })
    listen(subscription)
  }

  function groupOf(frame: { group_id?: string }): string {
    const groupId = frame.group_id ?? onlyGroup
    if (groupId === undefined)
      throw new ChatError('invalid', 'group_id: is required on this socket.', {
        fields: [{ field: 'group_id', message: 'is required' }],
      })
    if (onlyGroup && groupId !== onlyGroup)
      throw new ChatError('forbidden', 'This socket is for one group only.')
    return groupId
  }

  async function obey(frame: Frame, re: { re?: FrameId }): Promise<void> {
    switch (frame.type) {
      case 'ping':
        return send({ type: 'pong', ...re })
      case 'typing': {
        const groupId = groupOf(frame)
        if (!subscriptions.has(groupId)) throw new ChatError('forbidden', 'Subscribe to the group first.')
        return chat.live.typing(by, groupId, frame.content)
      }
      case 'message': {
        const { message } = await chat.messages.send(by, groupOf(frame), frame)
        return send({ type: 'ack', ...re, message: messageView(message) })
      }
      case 'edit': {
        const message = await chat.messages.edit(by, frame.message_id, frame)
        return send({ type: 'ack', ...re, message: messageView(message) })
      }
      case 'delete': {
        const message = await chat.messages.remove(by, frame.message_id)
        return send({ type: 'ack', ...re, message: messageView(message) })
      }
      case 'subscribe':
        if (onlyGroup) throw new ChatError('forbidden', 'This socket is for one group only.')
        await subscribe(frame.group_id, frame.after)
        return send({ type: 'ack', ...re, group_id: frame.group_id })
      case 'unsubscribe':
        if (onlyGroup) throw new ChatError('forbidden', 'This socket is for one group only.')
        drop(frame.group_id)
        return send({ type: 'ack', ...re, group_id: frame.group_id })
      case 'auth': {
        const claims = await deps.verify(frame.token)
        if (claims.userId !== by.userId || claims.admin !== by.admin)
          throw new ChatError('forbidden', 'The new token is of another user, or of another scope.')
        expiresAt = claims.expiresAt
        return send({ type: 'ack', ...re, expires_at: new Date(expiresAt).toISOString() })
      }
    }
  }

  function refuse(error: unknown, re: { re?: FrameId }, type: string): void {
    deps.onFrame(type, error instanceof ChatError ? error.code : 'failed')
    if (!(error instanceof ChatError)) log.error('frame_failed', { user_id: by.userId, error })
    const known =
      error instanceof ChatError ? error : new ChatError('unavailable', 'Something went wrong on our side.')
    send({
      type: 'error',
      ...re,
      code: error instanceof ChatError ? known.code : 'internal',
      detail: known.message,
      ...(known.fields.length ? { errors: known.fields } : undefined),
      ...(known.retryAfterMs === undefined ? undefined : { retry_after_ms: known.retryAfterMs }),
    })
    if ((known.code === 'malformed' || known.code === 'invalid') && ++badFrames > maxBadFrames)
      line.close(closeCodes.badFrames, 'too many bad frames')
  }

  function receive(text: string): void {
    if (!line.open) return
    let re: { re?: FrameId } = {}
    let type = 'unreadable'
    try {
      const value: unknown = parse(text)
      const id = frameId(value)
      if (id !== undefined) re = { re: id }
      const frame = readFrame(value)
      type = frame.type
      const work = obey(frame, re)
      if (++underWay === maxUnderWay) line.pause()
      work
        .then(() => deps.onFrame(type, 'ok'))
        .catch((error: unknown) => refuse(error, re, type))
        .finally(() => {
          if (--underWay === maxUnderWay >> 1) line.resume()
        })
    } catch (error) {
      refuse(error, re, type)
    }
  }

  if ('group' in scope) {
    const { group, cursor } = scope.group
    send({
      type: 'connected',
      message: `Connected to group ${group.id}`,
      user_id: by.userId,
      group_id: group.id,
      cursor,
    })
    listen(scope.group)
  } else {
    const { subscriptions: all, total } = scope.inbox
    send({ type: 'connected', message: 'Connected', user_id: by.userId, groups: all.map(describe), total })
    for (const subscription of all) listen(subscription)
    scope.inbox.onWelcome((groupId) => {
      if (subscriptions.has(groupId)) return
      subscribe(groupId).catch((error: unknown) =>
        log.warn('welcome_failed', { group_id: groupId, user_id: by.userId, error }),
      )
    })
  }

  return {
    by,
    get expiresAt() {
      return expiresAt
    },
    receive,
    leave: (retryAfterMs) => send({ type: 'closing', retry_after_ms: retryAfterMs }),
    close: line.close,
    end() {
      if ('inbox' in scope) scope.inbox.stop()
      for (const groupId of [...subscriptions.keys()]) drop(groupId)
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChatError('malformed', 'Not JSON.')
  }
}

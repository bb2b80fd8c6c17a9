import type { Chat } from '../chat/chat.ts'
import type { Inbox, Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import { messageView } from '../domain/message.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics, SocketEvent } from '../observe/metrics.ts'
import { Ear } from './ear.ts'
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

/** What all sessions share. */
interface Deps {
  chat: Chat
  log: Log
  verify(token: string): Promise<Caller & { expiresAt: number }>
  metrics: Pick<Metrics, 'socket' | 'frame'>
}

/** Whose session it is. */
interface Client {
  readonly by: Caller
  /** Milliseconds since 1970: when its token ends, a little grace included. */
  readonly expiresAt: number
  /** Of the upgrade's request: goes with all that is told of the session. */
  readonly correlationId: string
}

/** What a session is for: one group, or all that the user may hear. */
export type Scope = { group: Subscription } | { inbox: Inbox }

/**
 * One connected client: what it sends is done, what it listens to is passed on. Knows no socket library.
 *
 * A class, because there is one for each socket: what closures would cost each is shared here.
 */
export class Session {
  readonly line: Line
  private readonly deps: Deps
  private readonly client: Client
  private readonly onlyGroup: string | undefined
  private readonly inbox: Inbox | undefined
  private readonly subscriptions = new Map<string, Subscription>()
  /** Milliseconds since 1970: when its token ends, a little grace included. */
  expiresAt: number
  private badFrames = 0
  private underWay = 0

  constructor(deps: Deps, line: Line, client: Client, scope: Scope) {
    this.deps = deps
    this.line = line
    this.client = client
    this.expiresAt = client.expiresAt
    this.onlyGroup = 'group' in scope ? scope.group.group.id : undefined
    this.inbox = 'inbox' in scope ? scope.inbox : undefined
    this.tell('joined')
    if ('group' in scope) this.greet(scope.group)
    else this.greetAll(scope.inbox)
  }

  get by(): Caller {
    return this.client.by
  }

  private greet(subscription: Subscription): void {
    const { group, cursor } = subscription
    this.send({
      type: 'connected',
      message: `Connected to group ${group.id}`,
      user_id: this.by.userId,
      group_id: group.id,
      cursor,
    })
    this.listen(subscription)
  }

  private greetAll({ subscriptions, total, onWelcome }: Inbox): void {
    const groups = subscriptions.map(describe)
    this.send({ type: 'connected', message: 'Connected', user_id: this.by.userId, groups, total })
    for (const subscription of subscriptions) this.listen(subscription)
    onWelcome((groupId) => {
      if (this.subscriptions.has(groupId)) return
      this.subscribe(groupId).catch((error: unknown) =>
        this.deps.log.warn('welcome_failed', { group_id: groupId, user_id: this.by.userId, error }),
      )
    })
  }

  private send(answer: object): void {
    this.line.write(textFrame(JSON.stringify(answer)))
  }

  /** Something that operators want to know happened. */
  private tell(event: SocketEvent['event'], groupId = this.onlyGroup ?? null, detail?: string): void {
    const { by, correlationId } = this.client
    this.deps.metrics.socket({
      ...{ event, userId: by.userId, correlationId, groupId },
      ...(detail !== undefined && { detail }),
    })
  }

  /** Begins to listen. Whatever is told before the first event has been written when this returns. */
  private listen(subscription: Subscription): void {
    const { resync, resumed, cursor, group } = subscription
    this.subscriptions.set(group.id, subscription)
    if (resync) {
      this.send({ type: 'resync', group_id: group.id, cursor, reason: resync })
      this.tell('resync', group.id, resync)
    } else if (resumed) this.tell('resumed', group.id)
    subscription.start(new Ear(this, subscription)).catch((error: unknown) => {
      // Half a replay is worth nothing: the client comes back with its cursor.
      this.deps.log.warn('replay_failed', { group_id: group.id, user_id: this.by.userId, error })
      this.line.close(closeCodes.restart, 'the store is away')
    })
  }

  listensTo(subscription: Subscription): boolean {
    return this.line.open && this.subscriptions.get(subscription.group.id) === subscription
  }

  /** The client may hear no more of the group. */
  lose(groupId: string, reason: EndReason): void {
    if (this.onlyGroup) this.line.close(endCode[reason], reason)
    else if (this.drop(groupId)) this.send({ type: 'unsubscribed', group_id: groupId, code: endCode[reason] })
  }

  private drop(groupId: string): boolean {
    this.subscriptions.get(groupId)?.stop()
    return this.subscriptions.delete(groupId)
  }

  private async subscribe(groupId: string, after?: string): Promise<void> {
    if (!this.subscriptions.has(groupId) && this.subscriptions.size >= maxSubscriptions)
      throw new ChatError('rate_limited', `At most ${maxSubscriptions} groups on one socket.`)
    const subscription = await this.deps.chat.live.subscribe(this.by, groupId, after)
    if (!this.line.open) return subscription.stop()
    this.drop(groupId)
    this.send({ type: 'subscribed', ...describe(subscription) })
    this.listen(subscription)
  }

  private groupOf(frame: { group_id?: string }): string {
    const groupId = frame.group_id ?? this.onlyGroup
    if (groupId === undefined)
      throw new ChatError('invalid', 'group_id: is required on this socket.', {
        fields: [{ field: 'group_id', message: 'is required' }],
      })
    if (this.onlyGroup && groupId !== this.onlyGroup)
      throw new ChatError('forbidden', 'This socket is for one group only.')
    return groupId
  }

  private async obey(frame: Frame, re: { re?: FrameId }): Promise<void> {
    const { by } = this
    const { live, messages } = this.deps.chat
    switch (frame.type) {
      case 'ping':
        return this.send({ type: 'pong', ...re })
      case 'typing': {
        const groupId = this.groupOf(frame)
        if (!this.subscriptions.has(groupId))
          throw new ChatError('forbidden', 'Subscribe to the group first.')
        return live.typing(by, groupId, frame.content)
      }
      case 'message': {
        const { message } = await messages.send(by, this.groupOf(frame), frame)
        return this.send({ type: 'ack', ...re, message: messageView(message) })
      }
      case 'edit': {
        const message = await messages.edit(by, frame.message_id, frame)
        return this.send({ type: 'ack', ...re, message: messageView(message) })
      }
      case 'delete': {
        const message = await messages.remove(by, frame.message_id)
        return this.send({ type: 'ack', ...re, message: messageView(message) })
      }
      case 'subscribe':
        if (this.onlyGroup) throw new ChatError('forbidden', 'This socket is for one group only.')
        await this.subscribe(frame.group_id, frame.after)
        return this.send({ type: 'ack', ...re, group_id: frame.group_id })
      case 'unsubscribe':
        if (this.onlyGroup) throw new ChatError('forbidden', 'This socket is for one group only.')
        this.drop(frame.group_id)
        return this.send({ type: 'ack', ...re, group_id: frame.group_id })
      case 'auth': {
        const claims = await this.deps.verify(frame.token)
        if (claims.userId !== by.userId || claims.admin !== by.admin)
          throw new ChatError('forbidden', 'The new token is of another user, or of another scope.')
        this.expiresAt = claims.expiresAt
        return this.send({ type: 'ack', ...re, expires_at: new Date(claims.expiresAt).toISOString() })
      }
    }
  }

  private refuse(error: unknown, re: { re?: FrameId }, type: string): void {
    this.deps.metrics.frame(type, error instanceof ChatError ? error.code : 'failed')
    if (!(error instanceof ChatError)) this.deps.log.error('frame_failed', { user_id: this.by.userId, error })
    const known =
      error instanceof ChatError ? error : new ChatError('unavailable', 'Something went wrong on our side.')
    this.send({
      type: 'error',
      ...re,
      code: error instanceof ChatError ? known.code : 'internal',
      detail: known.message,
      ...(known.fields.length ? { errors: known.fields } : undefined),
      ...(known.retryAfterMs === undefined ? undefined : { retry_after_ms: known.retryAfterMs }),
    })
    if ((known.code === 'malformed' || known.code === 'invalid') && ++this.badFrames > maxBadFrames)
      this.line.close(closeCodes.badFrames, 'too many bad frames')
  }

  /** One text message of the client. */
  receive(text: string): void {
    if (!this.line.open) return
    let re: { re?: FrameId } = {}
    let type = 'unreadable'
    try {
      const value: unknown = parse(text)
      const id = frameId(value)
      if (id !== undefined) re = { re: id }
      const frame = readFrame(value)
      type = frame.type
      const work = this.obey(frame, re)
      if (++this.underWay === maxUnderWay) this.line.pause()
      work
        .then(() => this.deps.metrics.frame(type, 'ok'))
        .catch((error: unknown) => this.refuse(error, re, type))
        .finally(() => {
          if (--this.underWay === maxUnderWay >> 1) this.line.resume()
        })
    } catch (error) {
      this.refuse(error, re, type)
    }
  }

  /** Tells the client that we go, and when to come back. */
  leave(retryAfterMs: number): void {
    this.send({ type: 'closing', retry_after_ms: retryAfterMs })
  }

  /** The socket is gone. */
  end(code: number): void {
    this.inbox?.stop()
    for (const groupId of [...this.subscriptions.keys()]) this.drop(groupId)
    if (this.line.wasSlow) this.tell('slow')
    this.tell('left', undefined, String(code))
  }
}

const describe = ({ group, seq, cursor }: Subscription) => ({
  group_id: group.id,
  name: group.name,
  cursor,
  seq,
})

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChatError('malformed', 'Not JSON.')
  }
}

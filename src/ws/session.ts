import type { Chat } from '../chat/chat.ts'
import type { Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import { formatCursor, type Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import { messageView } from '../domain/message.ts'
import type { RateLimit } from '../domain/rate.ts'
import type { Rates } from '../domain/rates.ts'
import type { Reader } from '../hub/listener.ts'
import type { ResyncReason } from '../hub/resume.ts'
import type { Correlation } from '../observe/correlation.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics, SocketEvent } from '../observe/metrics.ts'
import type { ClientSocket, SocketHandler } from './client-socket.ts'
import { textFrame } from './frame.ts'
import {
  badFramesMs,
  closeCodes,
  type Frame,
  type FrameId,
  frameId,
  maxBadFrames,
  maxUnderWay,
  readFrame,
} from './protocol.ts'

/** Characters of the reason that the log gives for a refused frame. */
const maxReason = 300

/** A caller, and until when: milliseconds since 1970, a little grace included. */
export type Claims = Caller & { readonly expiresAt: number }

/** What all sessions share. */
export interface SessionDeps {
  chat: Chat
  log: Log
  verify(token: string): Promise<Claims>
  metrics: Pick<Metrics, 'socket' | 'frame'>
  onEnd(session: Session): void
  rates: Pick<Rates, 'requests' | 'tokens' | 'subscriptions'>
  /** One unit for each line of the log that tells of a refused frame. */
  refusalLines: Pick<RateLimit, 'tryTake'>
  correlation: Correlation
  /** Counts milliseconds and never goes back. */
  clock(): number
  /** Of the store: part of each cursor. */
  epoch(): string
}

/** The frame it answers. */
type Re = { readonly re?: FrameId }

/**
 * One connected client: what it sends is done, what it listens to is passed on. The two kinds of socket differ in what is
 * abstract here. Knows no socket library.
 *
 * A class, because there is one for each socket: what closures would cost each is shared here.
 */
export abstract class Session implements Reader, SocketHandler {
  readonly socket: ClientSocket
  readonly by: Caller
  /** Milliseconds since 1970: when its token ends, a little grace included. */
  expiresAt: number
  protected readonly deps: SessionDeps
  /** Of the upgrade's request: goes with all that is told of the session. */
  private readonly correlationId: string
  /** When the last bad frames came, oldest first. Most clients never send one. */
  private badAt: number[] | undefined = undefined
  private underWay = 0
  /** The last replay that was begun or waits. */
  private replaying: Promise<void> | undefined = undefined

  constructor(deps: SessionDeps, socket: ClientSocket, claims: Claims, correlationId: string) {
    this.deps = deps
    this.socket = socket
    this.by = claims
    this.expiresAt = claims.expiresAt
    this.correlationId = correlationId
  }

  /** Of a socket for one group only. */
  protected abstract readonly onlyGroup: string | null
  /** The group that a frame is for. Throws invalid (it names none), forbidden. */
  protected abstract groupOf(frame: { group_id?: string }): string
  protected abstract listensTo(groupId: string): boolean
  /** Throws forbidden, rate_limited, not_found, malformed, unavailable. */
  protected abstract subscribe(groupId: string, after?: string): Promise<void>
  /** Throws forbidden. */
  protected abstract unsubscribe(groupId: string): Promise<void>
  abstract revoked(groupId: string, reason: EndReason): void
  /** Listens to nothing any more. */
  protected abstract stop(): void

  get isOpen(): boolean {
    return this.socket.isOpen
  }

  deliver(packet: Buffer): void {
    this.socket.write(packet)
  }

  drained(): Promise<void> {
    return this.socket.drained()
  }

  protected send(answer: object): void {
    this.socket.writeSoon(textFrame(JSON.stringify(answer)))
  }

  /** For a line of the log. */
  protected whose() {
    return { user_id: this.by.userId, correlation_id: this.correlationId }
  }

  /** Something that operators want to know happened. */
  protected record(event: SocketEvent['event'], groupId = this.onlyGroup, detail?: string): void {
    const { by, correlationId } = this
    this.deps.metrics.socket({
      ...{ event, userId: by.userId, correlationId, groupId },
      ...(detail !== undefined && { detail }),
    })
  }

  /** Begins to listen. Whatever is told before the first event has been written when this returns. */
  protected listen(subscription: Subscription): void {
    const { resync, resumed, cursor, group } = subscription
    if (resync) this.sendResync(group.id, cursor, resync)
    else if (resumed) this.record('resumed', group.id)
    subscription.start(this)
  }

  queueReplay(work: () => Promise<void>): void {
    this.replaying = this.replaying ? this.replaying.then(work) : work()
  }

  private sendResync(groupId: string, cursor: string, reason: string): void {
    this.send({ type: 'resync', group_id: groupId, cursor, reason })
    this.record('resync', groupId, reason)
  }

  resync(groupId: string, position: Position, reason: ResyncReason): void {
    this.sendResync(groupId, formatCursor(this.deps.epoch(), position), reason)
  }

  /** Half a replay is worth nothing: the client comes back with its cursor. */
  interrupted(groupId: string, error: unknown): void {
    this.deps.log.warn('replay_failed', { group_id: groupId, ...this.whose(), error })
    this.socket.close(closeCodes.restart, 'the store is away')
  }

  private async handle(frame: Frame, re: Re): Promise<void> {
    const { by } = this
    const { live, messages } = this.deps.chat
    switch (frame.type) {
      case 'ping':
        this.deps.rates.requests.take(by.userId)
        return this.send({ type: 'pong', ...re })
      case 'typing': {
        const groupId = this.groupOf(frame)
        if (!this.listensTo(groupId)) throw new ChatError('forbidden', 'Subscribe to the group first.')
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
        this.deps.rates.subscriptions.take(by.userId)
        await this.subscribe(frame.group_id, frame.after)
        return this.send({ type: 'ack', ...re, group_id: frame.group_id })
      case 'unsubscribe':
        this.deps.rates.subscriptions.take(by.userId)
        await this.unsubscribe(frame.group_id)
        return this.send({ type: 'ack', ...re, group_id: frame.group_id })
      case 'auth': {
        this.deps.rates.tokens.take(by.userId)
        const claims = await this.deps.verify(frame.token)
        if (claims.userId !== by.userId || claims.admin !== by.admin)
          throw new ChatError('forbidden', 'The new token is of another user, or of another scope.')
        this.expiresAt = claims.expiresAt
        return this.send({ type: 'ack', ...re, expires_at: new Date(claims.expiresAt).toISOString() })
      }
    }
  }

  /** What is no frame closes the socket when it comes too often; a frame that can't be meant costs its user a request. */
  private refuseUnread(error: unknown, re: Re): void {
    const isNoFrame = error instanceof ChatError && error.code === 'malformed'
    this.refuse(isNoFrame ? error : this.orTooMany(error), re, 'unreadable')
    if (isNoFrame) this.countBadFrame()
  }

  private orTooMany(error: unknown): unknown {
    try {
      this.deps.rates.requests.take(this.by.userId)
      return error
    } catch (tooMany) {
      return tooMany
    }
  }

  private refuse(error: unknown, re: Re, type: string): void {
    this.deps.metrics.frame(type, error instanceof ChatError ? error.code : 'failed')
    if (error instanceof ChatError) this.recordRefusal(error, type)
    else this.deps.log.error('frame_failed', { ...this.whose(), error })
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
  }

  /** As the access log has each request that was refused; but a socket could bring thousands of lines a second. */
  private recordRefusal({ code, message }: ChatError, type: string): void {
    const { log, refusalLines } = this.deps
    if (!refusalLines.tryTake(this.by.userId)) return
    const level = code === 'unavailable' || code === 'storage_full' ? 'error' : 'info'
    log[level]('frame_refused', {
      type,
      code,
      reason: message.slice(0, maxReason),
      group_id: this.onlyGroup,
      ...this.whose(),
    })
  }

  /** Only what is no frame counts: a client that asks for what it may not do is told so, as often as it asks. */
  private countBadFrame(): void {
    const at = this.deps.clock()
    this.badAt = (this.badAt ?? []).filter((each) => at - each < badFramesMs)
    this.badAt.push(at)
    if (this.badAt.length >= maxBadFrames) this.socket.close(closeCodes.badFrames, 'too many bad frames')
  }

  /** One text message of the client. */
  receive(text: string): void {
    if (!this.isOpen) return
    let re: Re = {}
    let type = 'unreadable'
    try {
      const value: unknown = parse(text)
      const id = frameId(value)
      if (id !== undefined) re = { re: id }
      const frame = readFrame(value)
      type = frame.type
      const work = this.deps.correlation.run(this.correlationId, () => this.handle(frame, re))
      if (++this.underWay === maxUnderWay) this.socket.pause()
      work
        .then(() => this.deps.metrics.frame(type, 'ok'))
        .catch((error: unknown) => this.refuse(error, re, type))
        .finally(() => {
          if (--this.underWay === maxUnderWay >> 1) this.socket.resume()
        })
    } catch (error) {
      this.refuseUnread(error, re)
    }
  }

  fail(error: Error): void {
    this.deps.log.debug('socket_error', { ...this.whose(), error })
  }

  end(code: number): void {
    this.stop()
    if (this.socket.wasSlow) this.record('slow')
    this.record('left', this.onlyGroup, String(code))
    this.deps.onEnd(this)
  }

  /** Tells the client that we go, and when to come back. */
  leave(retryAfterMs: number): void {
    this.send({ type: 'closing', retry_after_ms: retryAfterMs })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChatError('malformed', 'Not JSON.')
  }
}

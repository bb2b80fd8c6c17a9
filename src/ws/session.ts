import type { Chat } from '../chat/chat.ts'
import type { Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import { formatCursor, type Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import type { RateLimit } from '../domain/rate.ts'
import type { Rates } from '../domain/rates.ts'
import type { Encode } from '../hub/encode.ts'
import type { Reader } from '../hub/listener.ts'
import type { ResyncReason } from '../hub/resume.ts'
import type { Correlation } from '../observe/correlation.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics, SocketEvent } from '../observe/metrics.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import { internalDetail, mayPass } from '../protocol/error-codes.ts'
import { textFrame } from './frame.ts'
import { type FrameTarget, frameId, type Re } from './frames.ts'
import { badFramesMs, maxBadFrames, maxUnderWay } from './protocol.ts'
import type { SessionSocket, SocketHandler } from './session-socket.ts'
import type { Failure, Words } from './words.ts'

/** The log gives so many characters of the reason why a frame was refused. */
const maxReason = 300
/** What the client is told of a failure that nobody foresaw. */
const unforeseen: Failure = {
  code: 'internal',
  message: internalDetail,
  fields: [],
  retryAfterMs: undefined,
}

/** A caller, with the end of their token in milliseconds since 1970, a little grace included. */
export type Claims = Caller & { readonly expiresAt: number }

/** What all sessions share. */
export interface SessionDeps {
  chat: Chat
  log: Log
  verify(token: string): Promise<Claims>
  metrics: Pick<Metrics, 'socket' | 'frame'>
  onEnd(session: Session): void
  rates: Pick<Rates, 'requests' | 'tokens' | 'subscriptions'>
  /** Gives a unit for each line of the log that tells of a refused frame. */
  refusalLines: Pick<RateLimit, 'tryTake'>
  correlation: Correlation
  /** Counts milliseconds and never goes back. */
  clock(): number
  /** The words of the API that the session speaks. */
  words: Words
  /** The same words for events, framed. */
  encode: Encode
  /** The store's epoch, which is part of each cursor. */
  epoch(): string
}

/**
 * One connected client: the session does what the client's frames ask for, and passes on to it the events of its groups. The two
 * kinds of socket differ in what is abstract here. It knows no socket library.
 *
 * It is a class because there is one for each socket: its methods are shared, where closures would cost each socket memory.
 */
export abstract class Session implements Reader, SocketHandler, FrameTarget {
  readonly socket: SessionSocket
  readonly by: Caller
  /** When the client's token ends, in milliseconds since 1970, a little grace included. */
  expiresAt: number
  /** The session of the account that the client's token ends with; undefined for tokens of other issuers. */
  sessionId: string | undefined
  protected readonly deps: SessionDeps
  /** The id of the upgrade's request. All that is logged of the session carries it. */
  private readonly correlationId: string
  /** When the last bad frames came, oldest first; undefined for the many clients that never send one. */
  private badAt: number[] | undefined = undefined
  private underWay = 0
  /** The last replay in the queue: it has begun, or waits for those before it. */
  private replaying: Promise<void> | undefined = undefined

  constructor(deps: SessionDeps, socket: SessionSocket, claims: Claims, correlationId: string) {
    this.deps = deps
    this.socket = socket
    this.by = claims
    this.expiresAt = claims.expiresAt
    this.sessionId = claims.sessionId
    this.correlationId = correlationId
  }

  /** The group's id where the socket is for one group only, else null. */
  protected abstract readonly onlyGroup: string | null
  /** Says that the client is connected, and listens. To be called once, when the socket is there to be written to. */
  abstract begin(): void
  abstract groupOf(named: string | undefined): string
  abstract subscriberOf(groupId: string): Subscription['subscriber'] | undefined
  abstract subscribe(groupId: string, after?: string): Promise<void>
  abstract unsubscribe(groupId: string): Promise<void>
  abstract revoked(groupId: string, reason: EndReason): void
  /** Ends all listening. */
  protected abstract stop(): void

  get isOpen(): boolean {
    return this.socket.isOpen
  }

  get chat(): Chat {
    return this.deps.chat
  }

  get rates(): SessionDeps['rates'] {
    return this.deps.rates
  }

  deliver(packet: Buffer): void {
    this.socket.write(packet)
  }

  drained(): Promise<void> {
    return this.socket.drained()
  }

  send(answer: object): void {
    this.socket.writeSoon(textFrame(JSON.stringify(answer)))
  }

  /** Sends a frame about the socket; null where the API does not tell that. */
  protected say(frame: object | null): void {
    if (frame) this.send(frame)
  }

  /** The fields that name this session in a line of the log. */
  protected whose() {
    return { user_id: this.by.userId, correlation_id: this.correlationId }
  }

  /** Records an event of this socket for the metrics and the log. */
  protected record(event: SocketEvent['event'], groupId = this.onlyGroup, detail?: string): void {
    const { by, correlationId } = this
    this.deps.metrics.socket({
      event,
      userId: by.userId,
      correlationId,
      groupId,
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

  private sendResync(groupId: string, cursor: string, reason: ResyncReason): void {
    this.say(this.deps.words.resync(groupId, cursor, reason))
    this.record('resync', groupId, reason)
  }

  resync(groupId: string, position: Position, reason: ResyncReason): void {
    this.sendResync(groupId, formatCursor(this.deps.epoch(), position), reason)
  }

  /** Closes the socket, because half a replay is worth nothing: the client comes back with its cursor. */
  interrupted(groupId: string, error: unknown): void {
    this.deps.log.warn('replay_failed', { group_id: groupId, ...this.whose(), error })
    this.socket.close(closeCodes.restart, 'the store is away')
  }

  async renew(token: string): Promise<number> {
    this.deps.rates.tokens.take(this.by.userId)
    const claims = await this.deps.verify(token)
    if (claims.userId !== this.by.userId || claims.admin !== this.by.admin)
      throw new ChatError('forbidden', 'The new token is of another user, or of another scope.')
    this.expiresAt = claims.expiresAt
    this.sessionId = claims.sessionId
    return claims.expiresAt
  }

  /** Text that is no frame closes the socket when it comes too often. A frame with invalid fields costs its user a request. */
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
    this.send(this.deps.words.refused(error instanceof ChatError ? error : unforeseen, re))
  }

  /** Logs a refused frame, as the access log has each refused request. Lines are limited: a socket could cause thousands. */
  private recordRefusal({ code, message }: ChatError, type: string): void {
    const { log, refusalLines } = this.deps
    if (!refusalLines.tryTake(this.by.userId)) return
    const level = mayPass(code) ? 'error' : 'info'
    log[level]('frame_refused', {
      type,
      code,
      reason: message.slice(0, maxReason),
      group_id: this.onlyGroup,
      ...this.whose(),
    })
  }

  /** Only text that is no frame counts. A client that asks for what it may not do is refused, however often it asks. */
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
      const frame = this.deps.words.read(value)
      type = frame.type
      const work = this.deps.correlation.run(this.correlationId, () => frame.run(this, re))
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

  /** Tells the client that this instance closes, and when to come back. */
  leave(retryAfterMs: number): void {
    this.say(this.deps.words.closing(retryAfterMs))
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChatError('malformed', 'Not JSON.')
  }
}

import type { Caller } from '../domain/caller.ts'
import type { Cursor, Position } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import type { TypingState } from '../domain/events.ts'
import type { Encode } from './encode.ts'
import type { Feed } from './feed.ts'
import type { Listener, Reader } from './listener.ts'
import type { ResyncReason } from './resume.ts'

/** What a subscriber needs of its group. */
export interface Place {
  readonly groupId: string
  readonly feed: Feed
  /** How many checks of access were begun. */
  readonly checks: number
  /** The subscriber hears from the feed's position on; the others hear `user_joined`. */
  enter(subscriber: Subscriber): void
  /** The subscriber's user types, or has stopped: the others hear of it. */
  type(subscriber: Subscriber, state: TypingState): void
  /** The subscriber hears no more; the others may hear `user_left`. */
  leave(subscriber: Subscriber): void
  /** Tells the subscriber what it missed since `from`, then lets it go live. Rejects never. */
  replay(subscriber: Subscriber, from: Cursor): Promise<void>
}

/**
 * A place in a group's live path, silent until it goes live. When its user was perhaps removed it is doubted: it hears
 * nothing until the store has said whether it may go on.
 *
 * A class, because there is one for each socket and group: what closures would cost each is shared here.
 */
export class Subscriber implements Listener {
  readonly by: Caller
  readonly encode: Encode
  /** The number of the group's last access check that began before this subscriber's own check. Its verdict does not count here. */
  checkedAfter: number
  /** The user is no member, or was none for a while: the subscriber may hear the group only as long as guests may. */
  mayBeGuest = false
  /** All up to here was told before it was ended; undefined while it is not, and for one that was not live then. */
  endedAt: Position | undefined = undefined
  private readonly group: Place
  private reader: Reader | undefined
  private ended: EndReason | undefined
  private state: 'silent' | 'live' | 'left' = 'silent'
  private doubt: PromiseWithResolvers<void> | undefined = undefined

  constructor(group: Place, by: Caller, encode: Encode) {
    this.group = group
    this.by = by
    this.encode = encode
    this.checkedAfter = group.checks
  }

  get groupId(): string {
    return this.group.groupId
  }

  get feed(): Feed {
    return this.group.feed
  }

  /** The subscriber has a reader that is able to take events. */
  get isAttached(): boolean {
    return this.state !== 'left' && this.reader?.isOpen === true
  }

  /** To be called before the caller's access is read. Checks of the group that began earlier do not apply to this subscriber. */
  beginCheck(): void {
    this.checkedAfter = this.group.checks
  }

  /** Gives the subscriber its reader, which is told at once if access was lost since the subscriber was made. */
  attach(reader: Reader): void {
    this.reader = reader
    this.notifyEnd()
  }

  deliver(packet: Buffer): void {
    this.reader?.deliver(packet)
  }

  hearsOfOwn(from: object | undefined): boolean {
    return this.reader !== undefined && this.reader !== from && !this.reader.hearsOfUser
  }

  /** Resolves when what was delivered is on its way; rejects never. */
  async drained(): Promise<void> {
    await this.reader?.drained()
  }

  /** The subscriber's access is in doubt: it hears nothing after `position` until it is trusted or ended. */
  suspect(position: Position): void {
    const wasLive = this.state === 'live'
    this.beginCheck()
    // If it is trusted again, it may be so as a guest of an open group.
    this.mayBeGuest = true
    this.doubt ??= Promise.withResolvers()
    if (!wasLive) return
    this.state = 'silent'
    this.replay(position)
  }

  /** The doubt is settled: the subscriber may go on. */
  trust(): void {
    this.doubt?.resolve()
    this.doubt = undefined
  }

  /** Resolves when no doubt is left about the subscriber's access. */
  async settled(): Promise<void> {
    while (this.doubt) await this.doubt.promise
  }

  end(reason: EndReason): void {
    if (this.state === 'live') this.endedAt = this.feed.position
    this.ended = reason
    this.state = 'left'
    this.trust()
  }

  notifyEnd(): void {
    if (this.ended) this.reader?.revoked(this.groupId, this.ended)
  }

  /** Tells the reader what happened since `from`, after its other replays, and then goes live. */
  replay(from: Cursor): void {
    this.reader?.queueReplay(() => this.group.replay(this, from))
  }

  /** Goes live from the feed's position on; the others hear `user_joined`. */
  activate(): void {
    if (!this.reader || this.ended || this.state !== 'silent') return
    this.state = 'live'
    this.group.enter(this)
  }

  /** The user types at this subscriber's socket, or has stopped. Of one who was perhaps removed no start is told. */
  type(state: TypingState): void {
    if (this.state === 'left' || (this.doubt && state === 'start')) return
    this.group.type(this, state)
  }

  /** What the reader missed cannot be told any more: it is to fetch the group again, and hears what comes from now on. */
  resync(reason: ResyncReason): void {
    this.reader?.resync(this.groupId, this.feed.position, reason)
    this.activate()
  }

  /** What the reader missed cannot be read now, because the store is away. */
  interrupt(error: unknown): void {
    this.reader?.interrupted(this.groupId, error)
  }

  /**
   * The subscriber hears no more, not even that it was ended; the others may hear `user_left`. It may be called at any time, and twice.
   */
  leave(): void {
    this.reader = undefined
    if (this.state === 'left') return
    this.state = 'left'
    this.trust()
    this.group.leave(this)
  }
}

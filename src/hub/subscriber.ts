import type { Caller } from '../domain/caller.ts'
import type { EndReason } from '../domain/ending.ts'
import type { Feed } from './feed.ts'
import type { Listener, Reader } from './listener.ts'
import type { LiveGroup } from './live-group.ts'

/**
 * A place in a group's live path, silent until it goes live.
 *
 * A class, because there is one for each socket and group: what closures would cost each is shared here.
 */
export class Subscriber implements Listener {
  readonly by: Caller
  private readonly group: LiveGroup
  private reader: Reader | undefined
  private ended: EndReason | undefined
  private state: 'silent' | 'live' | 'left' = 'silent'

  constructor(group: LiveGroup, by: Caller) {
    this.group = group
    this.by = by
  }

  get groupId(): string {
    return this.group.groupId
  }

  get feed(): Feed {
    return this.group.feed
  }

  /** Somebody sits here, and is able to hear. */
  get isAttached(): boolean {
    return this.state !== 'left' && this.reader?.isOpen === true
  }

  /** Who hears; told at once if access was lost since the subscriber was made. */
  attach(reader: Reader): void {
    this.reader = reader
    this.notifyEnd()
  }

  deliver(packet: Buffer): void {
    this.reader?.deliver(packet)
  }

  /** Resolves when what was delivered is on its way; rejects never. */
  async drained(): Promise<void> {
    await this.reader?.drained()
  }

  end(reason: EndReason): void {
    this.ended = reason
    this.state = 'left'
  }

  notifyEnd(): void {
    if (this.ended) this.reader?.revoked(this.groupId, this.ended)
  }

  /** Live from the feed's position on; the others hear `user_joined`. */
  activate(): void {
    if (!this.reader || this.ended || this.state !== 'silent') return
    this.state = 'live'
    this.group.enter(this)
  }

  /** Hears no more; the others may hear `user_left`. May be called at any time, also twice. */
  leave(): void {
    if (this.state === 'left') return
    this.state = 'left'
    this.group.leave(this)
  }
}

import type { Subscription } from '../chat/live.ts'
import type { EndReason } from '../domain/ending.ts'
import type { Reader } from '../hub/listener.ts'
import type { Session } from './session.ts'

/** How a session hears one group. */
export class Ear implements Reader {
  private readonly session: Session
  private readonly subscription: Subscription

  constructor(session: Session, subscription: Subscription) {
    this.session = session
    this.subscription = subscription
  }

  get userId(): string {
    return this.session.by.userId
  }

  get closed(): boolean {
    return !this.session.listensTo(this.subscription)
  }

  deliver(packet: Buffer): void {
    this.session.line.write(packet)
  }

  drained(): Promise<void> {
    return this.session.line.drained()
  }

  end(reason: EndReason): void {
    this.session.lose(this.subscription.group.id, reason)
  }
}

import type { Subscription } from '../chat/live.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import type { UserEvent } from '../domain/events.ts'

import { endCode } from './protocol.ts'
import { type Claims, Session, type SessionDeps } from './session.ts'
import type { SessionSocket } from './session-socket.ts'

/** A client of `/ws/{group_id}`: one group, from the first frame to the last, and who mentions its user elsewhere. */
export class GroupSession extends Session {
  private readonly subscriber: Subscription['subscriber']
  /** The subscription, until the session has begun. It is not kept for longer, because a socket should cost little memory. */
  private subscription: Subscription | undefined
  private stopMentions: (() => void) | undefined = undefined

  constructor(
    deps: SessionDeps,
    socket: SessionSocket,
    claims: Claims,
    correlationId: string,
    subscription: Subscription,
  ) {
    super(deps, socket, claims, correlationId)
    this.subscriber = subscription.subscriber
    this.subscription = subscription
  }

  begin(): void {
    const { subscription } = this
    if (!subscription) return
    this.subscription = undefined
    this.record('joined')
    this.say(this.deps.words.connected(this.by, subscription))
    this.listen(subscription)
    this.stopMentions = this.deps.chat.live.mentions(this.by, (event) => this.hear(event))
  }

  /** The only group's messages are heard as such. */
  private hear(event: UserEvent): void {
    if (event.type !== 'mention' || event.groupId === this.onlyGroup) return
    this.say(this.deps.words.mention(event.groupId, event.message))
  }

  protected get onlyGroup(): string {
    return this.subscriber.groupId
  }

  groupOf(named = this.onlyGroup): string {
    if (named !== this.onlyGroup) throw oneGroupOnly()
    return named
  }

  subscriberOf(): Subscription['subscriber'] {
    return this.subscriber
  }

  async subscribe(): Promise<void> {
    throw oneGroupOnly()
  }

  async unsubscribe(): Promise<void> {
    throw oneGroupOnly()
  }

  revoked(_groupId: string, reason: EndReason): void {
    this.socket.close(endCode[reason], reason)
  }

  protected stop(): void {
    this.stopMentions?.()
    this.subscriber.leave()
  }
}

const oneGroupOnly = () => new ChatError('forbidden', 'This socket is for one group only.')

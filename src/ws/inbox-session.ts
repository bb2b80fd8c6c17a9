import type { Inbox, Subscription } from '../chat/live.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import type { UserEvent } from '../domain/events.ts'
import { endCode, maxSubscriptions } from './protocol.ts'
import { type Claims, Session, type SessionDeps } from './session.ts'
import type { SessionSocket } from './session-socket.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'

/** A client of `/ws`: it listens to all groups of its user, also to those that the user comes into later. */
export class InboxSession extends Session {
  private readonly inbox: Inbox
  private readonly subscriptions: Subscriptions

  constructor(deps: SessionDeps, socket: SessionSocket, claims: Claims, correlationId: string, inbox: Inbox) {
    super(deps, socket, claims, correlationId)
    this.inbox = inbox
    this.subscriptions = createSubscriptions({
      known: inbox.known,
      most: maxSubscriptions,
      subscribe: (groupId, after) => deps.chat.live.subscribe(claims, groupId, deps.encode, after),
      joined: (groupId) => deps.chat.groups.joined(claims, groupId),
      tellJoined: (group) => this.say(deps.words.groupAdded(group)),
      listen: (subscription, isNew) => {
        if (isNew) this.say(deps.words.subscribed(subscription))
        this.listen(subscription)
      },
      onError: (groupId, error) =>
        deps.log.warn('opening_failed', { group_id: groupId, ...this.whose(), error }),
    })
  }

  begin(): void {
    const { subscriptions, total, onEvent } = this.inbox
    this.record('joined')
    this.say(this.deps.words.connectedToAll(this.by, subscriptions, total))
    this.subscriptions.begin(subscriptions)
    onEvent((event) => this.hear(event))
  }

  /** What concerns the user. Another instance may be of a newer version, which tells more than is known here. */
  private hear(event: UserEvent): void {
    switch (event.type) {
      case 'group_opened':
        return this.subscriptions.opened(event.groupId, event.rev)
      case 'group_shown':
        return this.subscriptions.shown(event.groupId)
      case 'mention':
        if (!this.subscriberOf(event.groupId)) this.say(this.deps.words.mention(event.groupId, event.message))
        return
      case 'preferences':
        return this.say(this.deps.words.preferences(event.groupId, event.preferences))
      case 'read':
        if (event.from !== this) this.say(this.deps.words.event(event))
        return
      case 'unbanned':
        this.say(this.deps.words.unbanned(event.groupId))
        return this.subscriptions.unbanned(event.groupId)
    }
  }

  get hearsOfUser(): true {
    return true
  }

  protected get onlyGroup(): null {
    return null
  }

  groupOf(named: string | undefined): string {
    if (named !== undefined) return named
    throw new ChatError('invalid', 'group_id: is required on this socket.', {
      fields: [{ field: 'group_id', message: 'is required' }],
    })
  }

  subscriberOf(groupId: string): Subscription['subscriber'] | undefined {
    return this.subscriptions.subscriberOf(groupId)
  }

  subscribe(groupId: string, after?: string): Promise<void> {
    return this.subscriptions.subscribe(groupId, after)
  }

  unsubscribe(groupId: string): Promise<void> {
    return this.subscriptions.unsubscribe(groupId)
  }

  revoked(groupId: string, reason: EndReason): void {
    if (this.subscriptions.revoked(groupId, reason))
      this.say(this.deps.words.unsubscribed(groupId, endCode[reason]))
  }

  protected stop(): void {
    this.inbox.stop()
    this.subscriptions.close()
  }
}

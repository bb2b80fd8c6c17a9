import type { Inbox, Subscription } from '../chat/live.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import type { ClientSocket } from './client-socket.ts'
import { endCode, maxSubscriptions } from './protocol.ts'
import { type Claims, Session, type SessionDeps } from './session.ts'

/** A client of `/ws`: all groups of its user, those to come as well. */
export class InboxSession extends Session {
  private readonly inbox: Inbox
  /** By group. */
  private readonly subscribers = new Map<string, Subscription['subscriber']>()

  constructor(deps: SessionDeps, socket: ClientSocket, claims: Claims, correlationId: string, inbox: Inbox) {
    super(deps, socket, claims, correlationId)
    this.inbox = inbox
    const { subscriptions, total } = inbox
    this.record('joined')
    const groups = subscriptions.map(describe)
    this.send({ type: 'connected', message: 'Connected', user_id: claims.userId, groups, total })
    for (const subscription of subscriptions) this.activate(subscription)
    inbox.onGroupOpened((groupId) => {
      if (this.subscribers.has(groupId)) return
      this.subscribe(groupId).catch((error: unknown) =>
        deps.log.warn('welcome_failed', { group_id: groupId, ...this.whose(), error }),
      )
    })
  }

  private activate(subscription: Subscription): void {
    this.subscribers.set(subscription.group.id, subscription.subscriber)
    this.listen(subscription)
  }

  private drop(groupId: string): boolean {
    this.subscribers.get(groupId)?.leave()
    return this.subscribers.delete(groupId)
  }

  protected get onlyGroup(): null {
    return null
  }

  protected groupOf({ group_id }: { group_id?: string }): string {
    if (group_id !== undefined) return group_id
    throw new ChatError('invalid', 'group_id: is required on this socket.', {
      fields: [{ field: 'group_id', message: 'is required' }],
    })
  }

  protected listensTo(groupId: string): boolean {
    return this.subscribers.has(groupId)
  }

  protected async subscribe(groupId: string, after?: string): Promise<void> {
    if (!this.subscribers.has(groupId) && this.subscribers.size >= maxSubscriptions)
      throw new ChatError('rate_limited', `At most ${maxSubscriptions} groups on one socket.`)
    const subscription = await this.deps.chat.live.subscribe(this.by, groupId, after)
    if (!this.isOpen) return subscription.stop()
    this.drop(groupId)
    this.send({ type: 'subscribed', ...describe(subscription) })
    this.activate(subscription)
  }

  protected unsubscribe(groupId: string): void {
    this.drop(groupId)
  }

  revoked(groupId: string, reason: EndReason): void {
    if (this.drop(groupId)) this.send({ type: 'unsubscribed', group_id: groupId, code: endCode[reason] })
  }

  protected stop(): void {
    this.inbox.stop()
    for (const groupId of [...this.subscribers.keys()]) this.drop(groupId)
  }
}

const describe = ({ group, seq, cursor }: Subscription) => ({
  group_id: group.id,
  name: group.name,
  cursor,
  seq,
})

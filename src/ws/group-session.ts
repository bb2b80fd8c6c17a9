import type { Subscription } from '../chat/live.ts'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import type { ClientSocket } from './client-socket.ts'
import { endCode } from './protocol.ts'
import { type Claims, Session, type SessionDeps } from './session.ts'

/** A client of `/ws/{group_id}`: one group, from the first frame to the last. */
export class GroupSession extends Session {
  private readonly subscriber: Subscription['subscriber']

  constructor(
    deps: SessionDeps,
    socket: ClientSocket,
    claims: Claims,
    correlationId: string,
    subscription: Subscription,
  ) {
    super(deps, socket, claims, correlationId)
    this.subscriber = subscription.subscriber
    const { group, cursor } = subscription
    this.record('joined')
    this.send({
      type: 'connected',
      message: `Connected to group ${group.id}`,
      user_id: claims.userId,
      group_id: group.id,
      cursor,
    })
    this.listen(subscription)
  }

  protected get onlyGroup(): string {
    return this.subscriber.groupId
  }

  protected groupOf({ group_id = this.onlyGroup }: { group_id?: string }): string {
    if (group_id !== this.onlyGroup) throw oneGroupOnly()
    return group_id
  }

  protected listensTo(): boolean {
    return true
  }

  protected async subscribe(): Promise<void> {
    throw oneGroupOnly()
  }

  protected async unsubscribe(): Promise<void> {
    throw oneGroupOnly()
  }

  revoked(_groupId: string, reason: EndReason): void {
    this.socket.close(endCode[reason], reason)
  }

  protected stop(): void {
    this.subscriber.leave()
  }
}

const oneGroupOnly = () => new ChatError('forbidden', 'This socket is for one group only.')

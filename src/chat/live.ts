import type { Caller } from '../domain/caller.ts'
import { type Cursor, formatCursor, type Position } from '../domain/cursor.ts'
import { notFound } from '../domain/errors.ts'
import type { TypingState, UserEvent } from '../domain/events.ts'
import type { GroupName } from '../domain/group.ts'
import type { Rates } from '../domain/rates.ts'
import type { Standing } from '../domain/read.ts'
import type { Encode } from '../hub/encode.ts'
import type { Hub } from '../hub/hub.ts'
import type { Reader } from '../hub/listener.ts'
import { type ResyncReason, resumePoint } from '../hub/resume.ts'
import type { Subscriber } from '../hub/subscriber.ts'
import type { Store } from '../store/store.ts'
import { membershipFor } from './access.ts'
import { readStandings } from './standings.ts'

export interface Live {
  /**
   * A subscription to a group, silent until it starts, told in these words; with a cursor, or a position, it begins where that stands.
   * Throws not_found, banned, forbidden, malformed, unavailable.
   */
  subscribe(by: Caller, groupId: string, encode: Encode, after?: string | Position): Promise<Subscription>
  /** The caller types in the group of this subscriber, at its socket, or has stopped. Throws rate_limited. */
  typing(by: Caller, subscriber: Pick<Subscriber, 'type'>, state: TypingState): void
  /** Subscriptions to the caller's groups with the latest activity, at most `limit`, and news of the groups that open later. Throws unavailable. */
  subscribeAll(by: Caller, encode: Encode, limit: number): Promise<Inbox>
  /** Calls back when a message mentions the caller, in whatever group that they may read. Returns the way to stop. */
  mentions(by: Caller, heard: (event: UserEvent) => void): () => void
}

/** The groups that a user may hear. */
export interface Inbox {
  readonly subscriptions: readonly Subscription[]
  /** How many groups the user has, also those beyond the limit. */
  readonly total: number
  /** The ids of those beyond the limit, at most 10,000 with those within it. */
  readonly known: readonly string[]
  /** Calls back with all that was told to the user since the list was made, and from now on. */
  onEvent(heard: (event: UserEvent) => void): void
  /** Stops the news of groups, and the subscriptions that no socket has taken over. */
  stop(): void
}

export interface Subscription {
  readonly group: GroupName
  /** The part of the subscription that is needed once it has started. */
  readonly subscriber: Pick<Subscriber, 'groupId' | 'type' | 'leave' | 'endedAt'>
  /** The caller hears the group as a guest, or as an operator, and is no member of it. */
  readonly isGuest: boolean
  /** The number of the group's last message; where nothing is replayed it is that of `cursor`. */
  readonly seq: number
  /** How its user stands to the group; only of the subscriptions that a socket for all groups begins with. */
  readonly standing: Standing | undefined
  /** Where it starts: the cursor it was asked for, or the present one. */
  readonly cursor: string
  /** How far the log of changes has been told in the group. */
  readonly rev: number
  /** The cursor asked for can't be continued: fetch again, then go on from `cursor`. */
  readonly resync: ResyncReason | undefined
  /** The subscription goes on from the cursor that was asked for, with nothing missing. */
  readonly resumed: boolean
  /** Begins to tell the reader events, first those that it missed. */
  start(reader: Reader): void
  /** May be called at any time, also twice. */
  stop(): void
}

interface Deps {
  store: Store
  hub: Hub
  now: () => number
  rates: Pick<Rates, 'typing'>
  maxReplay: number
}

/** Groups of one user that a socket knows of. */
const mostKnown = 10_000

export function createLive({ store, hub, now, rates, maxReplay }: Deps): Live {
  const resumeDeps = { store, pageTurns: hub.pageTurns, maxReplay }

  async function startAfter(groupId: string, after: string | Position) {
    const head = await store.log.readHead(groupId)
    if (!head) throw notFound('group')
    const cursor = typeof after === 'string' ? after : formatCursor(store.epoch, after)
    return resumePoint(resumeDeps, groupId, cursor, head)
  }

  async function subscribe(
    by: Caller,
    groupId: string,
    encode: Encode,
    after?: string | Position,
  ): Promise<Subscription> {
    // The subscriber is made before the check, so that a user who loses access after the check is found among the subscribers.
    const subscriber = await hub.open(groupId, by, encode)
    try {
      subscriber.beginCheck()
      const { group, member } = await membershipFor('listen', { store, now }, by, groupId)
      if (!member) subscriber.mayBeGuest = true
      const { id, name } = group
      const start = after === undefined ? undefined : await startAfter(groupId, after)
      const from = start?.resync ? undefined : start?.at
      return new OwnSubscription(store, subscriber, { id, name }, undefined, from, start?.resync)
    } catch (error) {
      subscriber.leave()
      throw error
    }
  }

  /** Subscribes to several groups, without cursors. Groups that are gone, or not open to the caller any more, are left out. */
  async function subscribeMany(
    by: Caller,
    encode: Encode,
    groupIds: readonly string[],
  ): Promise<Subscription[]> {
    if (!groupIds.length) return []
    const subscribers = await hub.openAll(groupIds, by, encode)
    try {
      for (const subscriber of subscribers) subscriber.beginCheck()
      const names = new Map<string, GroupName>()
      for (const group of await store.groups.listNames(by.userId, groupIds)) names.set(group.id, group)
      const standings = await readStandings(store, by.userId, groupIds)
      return subscribers.flatMap((subscriber) => {
        const group = names.get(subscriber.groupId)
        const standing = standings.get(subscriber.groupId)
        if (group && standing) return [new OwnSubscription(store, subscriber, group, standing)]
        subscriber.leave()
        return []
      })
    } catch (error) {
      for (const subscriber of subscribers) subscriber.leave()
      throw error
    }
  }

  async function countGroups({ userId }: Caller): Promise<number> {
    return (await store.groups.list(userId, { offset: 0, limit: 1 })).total
  }

  const live: Live = {
    subscribe,

    mentions: ({ userId }, heard) => hub.users.ofMentions.listen(userId, heard),

    typing(by, subscriber, state) {
      rates.typing.take(by.userId)
      subscriber.type(state)
    },

    async subscribeAll(by, encode, limit) {
      const early: UserEvent[] = []
      let notify = (event: UserEvent): void => void early.push(event)
      // The hub is listened to before the list is read, so that a group that opens in between is in one of the two.
      const stop = hub.users.listen(by.userId, (event) => notify(event))
      try {
        const ids = await store.groups.listIds(by.userId, mostKnown)
        const total = ids.length < mostKnown ? ids.length : await countGroups(by)
        const subscriptions = await subscribeMany(by, encode, ids.slice(0, limit))
        const listed = new Set(ids)
        return {
          subscriptions,
          total,
          known: ids.slice(limit),
          onEvent(heard) {
            notify = heard
            // What the list has already is told again only as a hint, because it is no news.
            for (const event of early.splice(0))
              heard(event.type === 'group_opened' && listed.has(event.groupId) ? hintOf(event) : event)
          },
          stop() {
            stop()
            for (const subscription of subscriptions) subscription.stop()
          },
        }
      } catch (error) {
        stop()
        throw error
      }
    },
  }
  return live
}

const hintOf = ({ groupId }: UserEvent): UserEvent => ({ type: 'group_opened', groupId })

class OwnSubscription implements Subscription {
  readonly group: Subscription['group']
  readonly subscriber: Subscriber
  readonly standing: Standing | undefined
  readonly resync: ResyncReason | undefined
  private readonly store: Pick<Store, 'epoch'>
  private readonly from: Cursor | undefined

  constructor(
    store: Pick<Store, 'epoch'>,
    subscriber: Subscriber,
    group: Subscription['group'],
    standing: Standing | undefined,
    from?: Cursor,
    resync?: ResyncReason,
  ) {
    this.store = store
    this.subscriber = subscriber
    this.group = group
    this.standing = standing
    this.from = from
    this.resync = resync
  }

  get seq(): number {
    return Math.max(this.subscriber.feed.position.seq, this.from?.seq ?? 0)
  }

  get resumed(): boolean {
    return this.from !== undefined
  }

  get isGuest(): boolean {
    return this.subscriber.mayBeGuest
  }

  get rev(): number {
    return this.subscriber.feed.position.rev
  }

  get cursor(): string {
    return formatCursor(this.store.epoch, this.from ?? this.subscriber.feed.position)
  }

  start(reader: Reader): void {
    this.subscriber.attach(reader)
    if (this.from) this.subscriber.replay(this.from)
    else this.subscriber.activate()
  }

  stop(): void {
    this.subscriber.leave()
  }
}

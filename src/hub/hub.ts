import { mayListen } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import type { Change, Head } from '../domain/change.ts'
import { gainsAccess, type Subjects } from '../domain/changes.ts'
import { ChatError, notFound } from '../domain/errors.ts'
import type { UserEvent } from '../domain/events.ts'
import type { GroupWithMembers } from '../domain/group.ts'
import type { Message } from '../domain/message.ts'
import { distinct } from '../domain/user-list.ts'
import type { Signals } from '../store/signals.ts'
import type { OpenGroup } from '../store/store.ts'
import type { Encode } from './encode.ts'
import type { FeedDeps } from './feed.ts'
import { headsInTurns } from './heads-in-turns.ts'
import { createHiddenChats } from './hidden-chats.ts'
import { createLiveGroup, type LiveGroup } from './live-group.ts'
import { createMentionTeller } from './mentions.ts'
import { createPageTurns, type PageTurns } from './page-turns.ts'
import { createPages } from './pages.ts'
import { createPeers } from './peers.ts'
import { createPresence, type Online } from './presence.ts'
import { createReadNews, type ReadNews } from './read-news.ts'
import { createRetryQueue } from './retry-queue.ts'
import type { Subscriber } from './subscriber.ts'
import { createUsers, type Users } from './users.ts'

/** Who listens to which group on this instance. Use cases tell it what they have made durable. */
export interface Hub {
  message(message: Message): void
  change(change: Change, subjects: Subjects): void
  groupCreated(group: GroupWithMembers): void
  groupDeleted(groupId: string): void
  /** Another process made, changed or deleted the group, so the hub checks again who may listen. */
  groupTouched(groupId: string): void
  /** Some signals may have been lost: every open group reads its log, and users are told again which groups they have. */
  catchUp(): void
  /** A member has read further. The member's own connections are told, and in a small group the others. */
  read(groupId: string, news: ReadNews): void
  /** A place in the group's live path, told in these words. Throws not_found, unavailable. */
  open(groupId: string, by: Caller, encode: Encode): Promise<Subscriber>
  /** The same in many groups, for the price of a few reads; groups that are gone are left out. At most 1,000. Throws unavailable. */
  openAll(groupIds: readonly string[], by: Caller, encode: Encode): Promise<Subscriber[]>
  /** Tells what concerns one user, wherever they are connected to this instance. */
  readonly users: Pick<Users, 'listen' | 'ofMentions'>
  /** Tells the user, on all instances. Nothing of it is kept: who is not connected is not told. */
  tellUser(userId: string, event: UserEvent): void
  /** The user has hidden a direct chat: ends their subscribers in it, on all instances. */
  groupHidden(userId: string, groupId: string): void
  readonly openGroups: Iterable<string>
  /** The open groups, each with the position up to which it has told its log. */
  positions(): Iterable<OpenGroup>
  /** Readers that are far behind in a log take turns by it. */
  readonly pageTurns: PageTurns
  /** Who is connected to the group, over all instances, as far as this one has been told. */
  online(groupId: string): Online
  /** Instances on this store that are alive, this one included. */
  readonly instances: number
  close(): void
}

export interface HubDeps extends Omit<FeedDeps, 'groupId' | 'start' | 'onEntry' | 'onGap'> {
  /** The way to other instances, where the store can have some. */
  signals?: Signals
  instanceId: string
  now: () => number
  /** Counts milliseconds and never goes back. */
  clock: () => number
  /** A log or a group could not be read because the store is away. The hub tries again until the read succeeds. */
  onError(error: unknown): void
}

/** A user is told again of so many groups at most, the newest. */
const mostListed = 10_000
export function createHub(deps: HubDeps): Hub {
  const { store, now } = deps
  const liveGroups = new Map<string, LiveGroup>()
  const opening = new Map<string, Promise<LiveGroup>>()
  /** Groups that something was published to while they were being opened. */
  const missed = new Set<string>()
  const pageTurns = createPageTurns()
  const pages = createPages({ ...deps, pageTurns })
  const users = createUsers()
  const mentions = createMentionTeller({ store, users, now, onError: deps.onError })

  /** Groups whose live path has missed something. */
  const behind = createRetryQueue(
    async (groupId) => liveGroups.get(groupId)?.feed.catchUp(false),
    deps.onError,
  )
  /** Groups that may have changed, or be gone. */
  const touched = createRetryQueue(recheck, deps.onError)
  /** Users to whom groups may have opened themselves unnoticed. */
  const uninformed = createRetryQueue(listGroups, deps.onError)

  const hiddenChats = createHiddenChats({
    ...deps,
    users,
    dismiss: (userId, groupId) => liveGroups.get(groupId)?.dismiss(userId, 'hidden'),
  })

  async function openGroup(groupId: string, reading: Promise<Head | null>): Promise<LiveGroup> {
    const head = await reading
    if (!head) throw notFound('group')
    const start = { seq: head.seq, rev: head.rev }
    const live = createLiveGroup({
      ...deps,
      groupId,
      start,
      peers,
      pages,
      pageTurns,
      onGap: () => behind.add(groupId),
      onDoubt: () => touched.add(groupId),
      onEmpty: () => liveGroups.delete(groupId),
    })
    liveGroups.set(groupId, live)
    // An event published since the head was read reached no live group, so this one has to read it from the log.
    if (missed.delete(groupId)) behind.add(groupId)
    return live
  }

  /** `read`: reads the group's head. */
  async function liveGroupOf(groupId: string, read = store.log.readHead): Promise<LiveGroup> {
    const live = liveGroups.get(groupId)
    if (live) return live
    let made = opening.get(groupId)
    if (!made) {
      missed.delete(groupId)
      made = openGroup(groupId, read(groupId)).finally(() => opening.delete(groupId))
      opening.set(groupId, made)
    }
    return made
  }

  async function open(
    groupId: string,
    by: Caller,
    encode: Encode,
    read = store.log.readHead,
  ): Promise<Subscriber> {
    let live = await liveGroupOf(groupId, read)
    // Other subscribers that waited for the same group may have left already, and then the group was closed.
    while (liveGroups.get(groupId) !== live) live = await liveGroupOf(groupId)
    return live.subscribe(by, encode)
  }

  /** Checks which listeners may still hear the group, and tells the users who gained access to it. */
  async function recheck(groupId: string): Promise<void> {
    const live = liveGroups.get(groupId)
    const end = live?.beginCheck()
    const userIds = distinct([...(live?.userIds() ?? []), ...users.ids])
    let found = await store.members.among(groupId, userIds)
    // After a fail-over a read may lag behind, and a client that was sent away does not come back: the answer is confirmed first.
    if (live?.some((by) => !found || !mayListen(found, by, now())))
      found = await store.members.confirm(groupId, userIds)
    if (!found) return deleted(groupId)
    const present = found
    end?.('access_revoked', (by) => mayListen(present, by, now()))
    for (const userId of present.userIds) groupOpened(userId, groupId)
  }

  async function listGroups(userId: string): Promise<void> {
    for (const groupId of await store.groups.listIds(userId, mostListed)) groupOpened(userId, groupId)
  }

  function deleted(groupId: string): void {
    const live = liveGroups.get(groupId)
    live?.feed.pass({ type: 'group_deleted', groupId })
    live?.beginCheck()('group_deleted', () => false)
  }

  /** `rev`: of the entry that made the user a member, where it is known. */
  function groupOpened(userId: string, groupId: string, rev?: number): void {
    users.tell(userId, { type: 'group_opened', groupId, ...(rev !== undefined && { rev }) })
  }

  function readIn(groupId: string, news: readonly ReadNews[]): void {
    const live = liveGroups.get(groupId)
    if (live && news.some(({ isShared, hasGuests }) => isShared && hasGuests))
      tellMembers(live, news).catch(deps.onError)
    else live?.read(news, () => true)
    for (const { userId, seq, from } of news) users.tell(userId, { type: 'read', groupId, userId, seq, from })
  }

  async function tellMembers(live: LiveGroup, news: readonly ReadNews[]): Promise<void> {
    const found = await store.members.among(live.groupId, distinct(live.userIds()))
    live.read(news, ({ userId, admin }) => admin || found?.userIds.has(userId) === true)
  }

  const readNews = createReadNews((groupId, news) => {
    readIn(groupId, news)
    peers?.read(groupId, news)
  })

  const peers =
    deps.signals &&
    createPeers({
      signals: deps.signals,
      instanceId: deps.instanceId,
      clock: deps.clock,
      own: () =>
        [...liveGroups.values()]
          .filter(({ presence }) => presence.own.size)
          .map(({ groupId, presence }) => [groupId, presence.own]),
      onCount: (groupId, userId, change) => liveGroups.get(groupId)?.presence.addElsewhere(userId, change),
      onTyping: (from, groupId, userId, state) => liveGroups.get(groupId)?.typing.set(userId, from, state),
      onUser: users.tell,
      onHidden: hiddenChats.hide,
      onRead: readIn,
    })

  return {
    message(message) {
      liveGroups.get(message.groupId)?.feed.message(message)
      if (opening.has(message.groupId)) missed.add(message.groupId)
      mentions.message(message)
    },

    change(change, subjects) {
      liveGroups.get(change.groupId)?.change(change, subjects)
      if (opening.has(change.groupId)) missed.add(change.groupId)
      const gains = gainsAccess(change)
      if (gains !== null) groupOpened(gains, change.groupId, change.rev)
    },

    groupCreated(group) {
      for (const userId of group.authorizedUserIds) groupOpened(userId, group.id, 0)
    },

    groupDeleted: deleted,

    groupTouched(groupId) {
      if (liveGroups.has(groupId) || users.size) touched.add(groupId)
    },

    catchUp() {
      for (const groupId of liveGroups.keys()) behind.add(groupId)
      for (const groupId of opening.keys()) missed.add(groupId)
      for (const userId of users.ids) uninformed.add(userId)
    },

    read: readNews.add,

    open: (groupId, by, encode) => open(groupId, by, encode),

    async openAll(groupIds, by, encode) {
      const unopened = groupIds.filter((groupId) => !liveGroups.has(groupId) && !opening.has(groupId))
      const heads = headsInTurns(store, unopened)
      const read = async (groupId: string) => (await heads.get(groupId)) ?? null
      const opened = await Promise.allSettled(groupIds.map((groupId) => open(groupId, by, encode, read)))
      const subscribers = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const failed = opened.find((one) => one.status === 'rejected' && !isGone(one.reason))
      if (failed?.status !== 'rejected') return subscribers
      for (const subscriber of subscribers) subscriber.leave()
      throw failed.reason
    },

    users,
    pageTurns,

    tellUser(userId, event) {
      users.tell(userId, event)
      peers?.tell(userId, event)
    },

    groupHidden(userId, groupId) {
      hiddenChats.hide(userId, groupId)
      peers?.hidden(userId, groupId)
    },

    get openGroups() {
      return liveGroups.keys()
    },

    positions: () => [...liveGroups.values()].map(({ groupId, feed }) => ({ groupId, at: feed.position })),

    // Where nobody listens here, the others' connections are all there are.
    online: (groupId) =>
      liveGroups.get(groupId)?.presence ??
      createPresence(groupId, peers?.counts(groupId) ?? new Map(), ignore, deps.clock),

    get instances() {
      return peers?.instances ?? 1
    },

    close() {
      peers?.close()
      behind.close()
      touched.close()
      uninformed.close()
      for (const live of liveGroups.values()) live.close()
      hiddenChats.close()
    },
  }
}

const isGone = (error: unknown): boolean => error instanceof ChatError && error.code === 'not_found'

const ignore = () => {}

import type { Chat, ChatEvent, Member, Person } from '../../../src/client/types.ts'
import { type Cell, createCell } from './cell.ts'
import { type Clock, gathered } from './clock.ts'
import type { People } from './types.ts'

/** The members of a group as far as they were fetched, and who of them is connected. */
export interface GroupPeople {
  readonly cell: Cell<People>
  member(userId: string): Member | undefined
  nameOf(userId: string): string | undefined
  /** Everybody who may be called and whose username is known: members, and where it may be others, who has written here. */
  known(): Iterable<{ readonly user_id: string; readonly username: string }>
  /** Fetches the first page, if it is not there, and who is connected now. */
  begin(): Promise<void>
  /** The next page. */
  loadMore(): Promise<void>
  /** Fetches those whose names begin so, whatever page they are on. */
  find(q: string): Promise<void>
  receive(event: ChatEvent): void
  /** They are called so now. */
  meet(people: readonly Person[]): void
  dispose(): void
}

interface Deps {
  chat: Chat
  groupId: string
  ownId: string
  ownName(): string | undefined
  /** Whoever is connected to it is a member. */
  isPrivate(): boolean
  clock: Clock
  /** The page is changed when those who may be mentioned are. */
  onChange(): void
  report(error: unknown): void
}

const pageSize = 100
const foundSize = 20

interface Present {
  readonly user_id: string
  readonly username: string
  readonly display_name: string
}

export function createPeople(deps: Deps): GroupPeople {
  const { chat, groupId, ownId, ownName, isPrivate, clock, onChange, report } = deps
  const cell = createCell<People>({ members: [], online: new Set(), isWhole: false })
  const members = new Map<string, Member>()
  const met = new Map<string, Person>()
  const online = new Set<string>()
  /** Those who are connected, by the names that they were told with. */
  const present = new Map<string, Present>()
  /** Members who came, went or changed while a page was fetched, which may not know it. */
  const changed = new Set<string>()
  let next: string | null | undefined
  let loading: Promise<void> | undefined
  let isDisposed = false

  const show = gathered(() => {
    cell.set({ members: listed(), online: new Set(online), isWhole: next === null })
    onChange()
  }, clock)

  /** Who is there is listed before their page is loaded; it comes later, as those who manage the group are on the first. */
  function listed(): readonly Member[] {
    if (next === null || !isPrivate()) return [...members.values()]
    const ahead = [...present.values()].filter(({ user_id: id }) => online.has(id) && !members.has(id))
    return [
      ...members.values(),
      ...ahead.map((person): Member => ({ ...person, role: 'member', joined_at: '', muted_until: null })),
    ]
  }

  async function fetchMembers(options: { limit: number; after?: string; q?: string }) {
    changed.clear()
    const found = await chat.groups.members(groupId, options)
    for (const member of found.members) {
      if (member.online) online.add(member.user_id)
      if (!changed.has(member.user_id)) members.set(member.user_id, member)
    }
    return found.next ?? null
  }

  /** One request after the other, whoever asks. */
  function inTurn(run: () => Promise<void>): Promise<void> {
    loading = (loading ?? Promise.resolve()).then(() => (isDisposed ? undefined : run())).catch(report)
    return loading
  }

  const loadMore = (): Promise<void> =>
    inTurn(async () => {
      if (next === null) return
      next = await fetchMembers({ limit: pageSize, ...(next && { after: next }) })
      show()
    })

  const find = (q: string): Promise<void> =>
    inTurn(async () => {
      if (next === null) return
      await fetchMembers({ limit: foundSize, q })
      show()
    })

  function arrive(people: readonly Present[]): void {
    for (const { user_id, username, display_name } of people) {
      online.add(user_id)
      present.set(user_id, { user_id, username, display_name })
    }
  }

  function leave(userIds: readonly string[]): void {
    for (const id of userIds) {
      online.delete(id)
      present.delete(id)
    }
  }

  async function loadOnline(): Promise<void> {
    try {
      const { users } = await chat.groups.online(groupId)
      leave([...online])
      arrive(users as unknown as Present[])
      show()
    } catch (error) {
      report(error)
    }
  }

  /** In a large group one is not among the first, and the own mute has to be known. */
  async function loadSelf(): Promise<void> {
    const q = ownName()
    if (!members.has(ownId) && q !== undefined) await find(q)
  }

  function put(member: Member): void {
    changed.add(member.user_id)
    const known = members.get(member.user_id)
    members.set(member.user_id, { ...known, ...member })
    show()
  }

  /** They are called so now. */
  function meet(people: readonly Person[]): void {
    for (const person of people) {
      const { id, username, display_name } = person
      met.set(id, person)
      const member = members.get(id)
      if (!member || (member.username === username && member.display_name === display_name)) continue
      members.set(id, { ...member, username, display_name })
      show()
    }
  }

  return {
    cell,
    member: (userId) => members.get(userId),
    nameOf: (userId) => (members.get(userId) ?? met.get(userId))?.display_name,
    *known() {
      // Who has left a private group may not be called, and who is in it is known once all are.
      if (next !== null || !isPrivate())
        for (const { id, username } of met.values()) yield { user_id: id, username }
      yield* members.values()
    },

    async begin() {
      await Promise.all([next === undefined && loadMore().then(loadSelf), loadOnline()])
    },

    loadMore,
    find,

    receive(event) {
      const { type, user_id: id } = event
      if (type === 'member_added' || type === 'member_updated') put(event.member)
      else if (type === 'member_removed') {
        changed.add(id)
        met.delete(id)
        if (members.delete(id)) show()
      } else if (type === 'user_joined') {
        arrive([event as unknown as Present])
        show()
      } else if (type === 'user_left') {
        leave([id])
        show()
      } else if (type === 'presence') {
        // In a crowd it tells ids alone.
        for (const each of event.joined ?? []) online.add(each)
        leave(event.left ?? [])
        show()
      } else if (type === 'resync') {
        next = undefined
        members.clear()
        void loadMore()
      } else if (type === 'new_message') {
        meet([event.message.sender])
      }
    },

    meet,

    dispose() {
      isDisposed = true
    },
  }
}

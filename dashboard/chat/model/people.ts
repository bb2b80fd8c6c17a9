import type { Chat, ChatEvent, Member, Person } from '../../../src/client/types.ts'
import { type Cell, createCell } from './cell.ts'
import { type Clock, gathered } from './clock.ts'
import type { People } from './types.ts'

/** The members of a group as far as they were fetched, and who of them is connected. */
export interface GroupPeople {
  readonly cell: Cell<People>
  member(userId: string): Member | undefined
  nameOf(userId: string): string | undefined
  /** Everybody whose username is known: members, and who has written here. */
  known(): Iterable<{ readonly user_id: string; readonly username: string }>
  /** The first page, and who is connected. */
  begin(): Promise<void>
  loadAll(): Promise<void>
  /** Who came and went is told only to whoever is there. */
  loadOnline(): Promise<void>
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
  clock: Clock
  /** The page is changed when those who may be mentioned are. */
  onChange(): void
  report(error: unknown): void
}

const pageSize = 100

export function createPeople({ chat, groupId, ownId, ownName, clock, onChange, report }: Deps): GroupPeople {
  const cell = createCell<People>({ members: [], online: new Set(), isWhole: false })
  const members = new Map<string, Member>()
  const met = new Map<string, Person>()
  const online = new Set<string>()
  /** Members who came, went or changed while a page was fetched, which may not know it. */
  const changed = new Set<string>()
  let next: string | null | undefined
  let loading: Promise<void> | undefined
  let isDisposed = false

  const show = gathered(() => {
    cell.set({ members: [...members.values()], online: new Set(online), isWhole: next === null })
    onChange()
  }, clock)

  async function page(): Promise<void> {
    changed.clear()
    const found = await chat.groups.members(groupId, {
      limit: pageSize,
      ...(next && { after: next }),
    })
    for (const member of found.members) {
      if (member.online) online.add(member.user_id)
      if (!changed.has(member.user_id)) members.set(member.user_id, member)
    }
    next = found.next ?? null
    show()
  }

  /** The pages that are missing, one after the other, whoever asks for them. */
  function pages(isEnough: () => boolean): Promise<void> {
    const go = async (): Promise<void> => {
      while (!isDisposed && next !== null && !isEnough()) await page()
    }
    loading = (loading ?? Promise.resolve()).then(go).catch(report)
    return loading
  }

  async function loadOnline(): Promise<void> {
    try {
      const { users } = await chat.groups.online(groupId)
      online.clear()
      for (const { user_id } of users) online.add(user_id)
      show()
    } catch (error) {
      report(error)
    }
  }

  /** In a large group one is not among the first, and the own mute has to be known. */
  async function loadSelf(): Promise<void> {
    const q = ownName()
    if (members.has(ownId) || next === null || q === undefined) return
    const found = await chat.groups.members(groupId, { q, limit: 10 }).catch(() => ({ members: [] }))
    const own = found.members.find(({ user_id }) => user_id === ownId)
    if (own) put(own)
  }

  function put(member: Member): void {
    changed.add(member.user_id)
    const known = members.get(member.user_id)
    members.set(member.user_id, { ...known, ...member })
    show()
  }

  function rename(id: string, username: string, display_name: string): void {
    const member = members.get(id)
    if (!member || (member.username === username && member.display_name === display_name)) return
    members.set(id, { ...member, username, display_name })
    show()
  }

  return {
    cell,
    member: (userId) => members.get(userId),
    nameOf: (userId) => (members.get(userId) ?? met.get(userId))?.display_name,
    *known() {
      for (const { id, username } of met.values()) yield { user_id: id, username }
      yield* members.values()
    },

    async begin() {
      await Promise.all([pages(() => next !== undefined).then(loadSelf), loadOnline()])
    },

    loadAll: () => pages(() => false),
    loadOnline,

    receive(event) {
      const { type, user_id: id } = event
      if (type === 'member_added' || type === 'member_updated') put(event.member)
      else if (type === 'member_removed') {
        changed.add(id)
        if (members.delete(id)) show()
      } else if (type === 'user_joined') {
        online.add(id)
        show()
      } else if (type === 'user_left') {
        if (online.delete(id)) show()
      } else if (type === 'presence') {
        for (const each of event.joined ?? []) online.add(each)
        for (const each of event.left ?? []) online.delete(each)
        show()
      } else if (type === 'resync') {
        next = undefined
        members.clear()
        void pages(() => next !== undefined)
      } else if (type === 'new_message') {
        const { id: sender, username, display_name } = event.message.sender
        if (event.message.sender_id === sender) rename(sender, username, display_name)
      }
    },

    meet(people) {
      for (const person of people) met.set(person.id, person)
    },

    dispose() {
      isDisposed = true
    },
  }
}

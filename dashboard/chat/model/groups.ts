import type { Chat, ChatError, ChatEvent, Group, Message } from '../../../src/client/types.ts'
import { closeCodes } from '../../../src/protocol/close-codes.ts'
import { type Cell, createCell } from './cell.ts'
import { type Clock, gathered } from './clock.ts'
import { inOrder, totalsOf, withChange, withDeleted, withFetched, withMessage, withRead } from './standing.ts'
import type { Totals } from './types.ts'

/** The user's groups, as events and what is fetched have them. */
export interface Groups {
  readonly cell: Cell<readonly Group[] | null>
  readonly totals: Cell<Totals>
  get(id: string): Group | undefined
  /** Fetches the list again: what was told to nobody who was away comes so. */
  load(): Promise<void>
  /** Resolves when the group is as the service has it, or can't be fetched now. */
  known(id: string): Promise<void> | undefined
  adopt(id: string): Promise<Group>
  /** The same as a change that was told, for those of one's own. */
  change(id: string, change: (group: Group) => Group): void
  /** Asks, soon, how much is unread. */
  recount(id: string): void
  receive(event: ChatEvent): void
}

interface Deps {
  chat: Chat
  clock: Clock
  /** What was kept of the list: it is shown until it is fetched. */
  kept: readonly Group[] | null
  ownId(): string
  /** Called with the groups that have changed, before the list is. */
  onChange(ids: ReadonlySet<string>): void
  /** The group is not the user's any more. */
  onGone(group: Group, why: 'left' | 'banned' | 'deleted' | 'lost'): void
  report(error: unknown): void
}

const pageSize = 100
const recountMs = 300
const retryMs = 5_000

export function createGroups({ chat, clock, kept, ownId, onChange, onGone, report }: Deps): Groups {
  const cell = createCell(kept)
  const totals = createCell<Totals>(totalsOf(kept ?? []))
  const groups = new Map(kept?.map((group) => [group.id, group]))
  /** Those that are as they were kept. */
  const old = new Set(groups.keys())
  let isListed = kept !== null
  /** Those that changed since the list was shown. */
  const changed = new Set<string>()
  /** How many answers are waited for, and the messages heard meanwhile, which those may lack. */
  let fetching = 0
  const heard = new Map<string, Message[]>()
  /** Groups that came or went while the list was fetched. */
  let moved = new Set<string>()
  let loading: Promise<void> | undefined
  let isStale = false
  const recounts = new Set<string>()
  const finding = new Set<string>()
  /** Groups that are heard, and not listed. */
  const elsewhere = new Set<string>()

  const show = gathered(() => {
    const listed = [...groups.values()].filter(({ hidden }) => !hidden).sort(inOrder)
    const ids = new Set(changed)
    changed.clear()
    onChange(ids)
    const { unread, mentions } = totalsOf(listed)
    if (unread !== totals.value.unread || mentions !== totals.value.mentions) totals.set({ unread, mentions })
    if (isListed) cell.set(listed)
  }, clock)

  function set(group: Group): void {
    groups.set(group.id, group)
    changed.add(group.id)
    show()
  }

  function change(id: string, next: (group: Group) => Group): void {
    const group = groups.get(id)
    if (!group) return
    const after = next(group)
    if (after !== group) set(after)
  }

  async function fetched<T>(ask: Promise<T>): Promise<T> {
    fetching++
    try {
      return await ask
    } finally {
      // Whoever waits for the answer goes on before what was heard is let go of.
      queueMicrotask(() => queueMicrotask(() => --fetching || heard.clear()))
    }
  }

  function put(group: Group): void {
    const known = old.delete(group.id) ? undefined : groups.get(group.id)
    set(withFetched(known, group, heard.get(group.id) ?? [], ownId()))
  }

  async function loadAll(): Promise<void> {
    do {
      isStale = false
      moved = new Set()
      const found = new Set<string>()
      for (let page = 1; ; page++) {
        const { groups: some, has_more } = await fetched(
          chat.groups.list({ sort: 'activity', page, page_size: pageSize }),
        )
        for (const group of some) {
          found.add(group.id)
          if (!moved.has(group.id)) put(group)
        }
        isListed = true
        show()
        if (!has_more) break
      }
      for (const [id, { role }] of groups)
        if (!found.has(id) && !moved.has(id) && role !== null) remove(id, 'lost')
    } while (isStale)
  }

  function load(): Promise<void> {
    if (loading) isStale = true
    loading ??= loadAll()
      .catch((error: ChatError) => {
        if (chat.state === 'online') clock.after(error.retryAfterMs ?? retryMs, () => void load())
        else if (error.code !== 'offline') report(error)
      })
      .finally(() => {
        loading = undefined
        show()
      })
    return loading
  }

  async function adopt(id: string): Promise<Group> {
    const group = await fetched(chat.groups.get(id))
    moved.add(id)
    put(group)
    return groups.get(id) ?? group
  }

  /** The group is the user's now. How they see it, the list knows. */
  async function find(id: string): Promise<void> {
    if (finding.has(id)) return
    finding.add(id)
    elsewhere.delete(id)
    await adopt(id).catch(() => undefined)
    finding.delete(id)
    await load()
  }

  /** A message of a group that is not listed: the pages of the list may have missed it, or it is hidden, or not the user's. */
  function wonder(id: string): void {
    if (elsewhere.has(id)) return
    elsewhere.add(id)
    void load()
  }

  /** How much is unread, of a group of which that is not told: a mark that is set again changes nothing, and is answered. */
  function recount(id: string): void {
    if (recounts.has(id)) return
    recounts.add(id)
    clock.after(recountMs, async () => {
      recounts.delete(id)
      const asked = groups.get(id)
      if (!asked?.role) return
      const counted = await chat.groups.markRead(id, asked.read_seq).catch(nobody)
      const group = groups.get(id)
      if (!counted || !group) return
      if (group.seq !== asked.seq || group.read_seq !== asked.read_seq) return recount(id)
      const { unread_count, mention_count } = counted
      change(id, (each) => ({ ...each, unread_count, mention_count }))
    })
  }

  function remove(id: string, why: Parameters<Deps['onGone']>[1]): void {
    const group = groups.get(id)
    moved.add(id)
    if (!group) return
    groups.delete(id)
    changed.add(id)
    show()
    onGone(group, why)
  }

  function hear(message: Message): void {
    if (fetching === 0) return
    const before = heard.get(message.group_id)
    if (before) before.push(message)
    else heard.set(message.group_id, [message])
  }

  /** An unread message may call the user now, or no more. */
  function callsAnew(group: Group | undefined, { seq, sender_id, mentions }: Message): boolean {
    if (!group || seq <= group.read_seq || sender_id === ownId()) return false
    return group.mention_count > 0 || mentions.includes(ownId())
  }

  function receive(event: ChatEvent): void {
    const { type, group_id: id = '' } = event
    const own = event.user_id === ownId()
    if (type === 'new_message') {
      hear(event.message)
      if (!groups.has(id)) return wonder(id)
      change(id, (group) => withMessage(group, event.message, ownId()))
    } else if (type === 'message_updated') {
      change(id, (group) => withChange(group, event.message))
      if (callsAnew(groups.get(id), event.message)) recount(id)
    } else if (type === 'message_deleted') {
      change(id, (group) => withDeleted(group, event.message_id, event.seq))
      if (groups.get(id)?.mention_count) recount(id)
    } else if (type === 'history_cleared' || type === 'messages_erased') {
      if (groups.get(id)?.unread_count) recount(id)
    } else if (type === 'resync') {
      void load()
    } else if (type === 'mention') {
      if (!groups.has(id)) return wonder(id)
      change(id, (group) => withMessage(group, event.message, ownId()))
      // What else came in a group that is not listened to was not told.
      recount(id)
    } else if (type === 'read' && own) {
      change(id, (group) => withRead(group, event.seq))
      if (groups.get(id)?.unread_count) recount(id)
    } else if (type === 'group_updated') {
      change(id, (group) => ({ ...group, ...event.group, name: event.group.name ?? group.name }))
    } else if (type === 'group_preferences') {
      const { notify, pinned, hidden } = event
      if (!groups.has(id)) return void (hidden || find(id))
      change(id, (group) => ({ ...group, notify, pinned, hidden }))
    } else if (type === 'group_added' || (type === 'member_added' && own)) {
      void find(id)
    } else if (type === 'subscribed') {
      if (!groups.has(id)) void find(id)
    } else if (type === 'member_added') {
      change(id, (group) => ({ ...group, member_count: group.member_count + 1 }))
    } else if (type === 'member_updated' && event.member.user_id === ownId()) {
      change(id, (group) => ({ ...group, role: event.member.role }))
    } else if (type === 'member_removed' && !own) {
      change(id, (group) => ({ ...group, member_count: Math.max(0, group.member_count - 1) }))
    } else if (type === 'member_removed') {
      remove(id, event.by === ownId() ? 'left' : 'lost')
    } else if (type === 'member_banned' && own) {
      remove(id, 'banned')
    } else if (
      type === 'group_deleted' ||
      (type === 'unsubscribed' && event.code === closeCodes.groupDeleted)
    ) {
      remove(id, 'deleted')
    } else if (type === 'unsubscribed') {
      remove(id, 'lost')
    }
  }

  const known = (id: string): Promise<void> | undefined => (old.has(id) ? loading : undefined)

  return { cell, totals, get: (id) => groups.get(id), load, known, adopt, change, recount, receive }
}

const nobody = (): null => null

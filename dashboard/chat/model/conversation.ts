import type { Chat, ChatError, ChatEvent, Group, Message } from '../../../src/client/types.ts'
import { createCell } from './cell.ts'
import { createChanges } from './changes.ts'
import { type Clock, gathered } from './clock.ts'
import type { Groups } from './groups.ts'
import type { Histories } from './histories.ts'
import type { Notices } from './notices.ts'
import { createPeople } from './people.ts'
import { createReader } from './reader.ts'
import { createReads, seenByLimit } from './reads.ts'
import { isSameRights, rightsOf } from './rights.ts'
import { createSending } from './sending.ts'
import { unreadBehind } from './standing.ts'
import type { Conversation, Rights, Timeline } from './types.ts'
import { createTyping } from './typing.ts'
import type { Uploads } from './uploads.ts'

/** A conversation, and how it hears of what happens. */
export interface OpenConversation extends Conversation {
  receive(event: ChatEvent): void
  /** The group is another one in the list. */
  changed(group: Group): void
  /** What waits to be sent, or a notice, is another one. */
  waitingChanged(): void
  nameOf(userId: string): string | undefined
  roleOf(userId: string): string | undefined
  /** There is a connection again. */
  cameOnline(): void
  wentOffline(): void
  dispose(): void
}

interface Deps {
  chat: Chat
  group: Group
  ownId: string
  ownName(): string | undefined
  clock: Clock
  groups: Groups
  histories: Histories
  notices: Notices
  uploads: Uploads
  report(error: unknown): void
}

/** With more unread messages than this the newest page may lack the first of them. */
const unreadOnFirstPage = 45
const retryMs = 3_000

const readToOf = ({ read_seq, unread_count }: Pick<Group, 'read_seq' | 'unread_count'>) =>
  unread_count > 0 ? read_seq : null

/** `messageId`: where to begin, instead of what is unread. */
export function createConversation(deps: Deps, messageId: string | undefined): OpenConversation {
  const { chat, ownId, clock, groups, histories, notices, uploads, report } = deps
  /** Without a connection nothing can be fetched, and its own state says so. */
  const reportLoad = (error: unknown): void => {
    if ((error as ChatError).code !== 'offline') report(error)
  }
  const { id } = deps.group
  const group = createCell(deps.group)
  const rights = createCell<Rights>(rightsOf(deps.group, undefined, clock.now()))
  const replyTo = createCell<Message | null>(null)
  const editing = createCell<string | null>(null)
  const target = createCell<{ readonly seq: number } | null>(null)
  /** How far all was read when the group was opened; undefined until that is known, and null where all was. */
  let readTo = groups.known(id) ? undefined : readToOf(deps.group)
  let unreadFrom: number | null = null
  let isDisposed = false

  const history = histories.take(id, deps.group.read_seq)
  history.attend({ onChange: () => show(), report: reportLoad })
  const people = createPeople({
    ...deps,
    groupId: id,
    isPrivate: () => group.value.visibility === 'private',
    onChange: () => showRights(),
    report: reportLoad,
  })
  const sending = createSending({
    chat,
    groupId: id,
    history,
    people,
    group: () => group.value,
    rights: () => rights.value,
  })
  const changes = createChanges({ chat, groupId: id, history, sending, report })
  const reads = createReads(ownId)
  const reader = createReader({ chat, groupId: id, clock, groups, report })
  const typing = createTyping({ clock, ownId, tell: (state) => chat.group(id).typing(state) })
  const timeline = createCell<Timeline>(timelineNow())
  const show = gathered(() => {
    if (!isDisposed) timeline.set(timelineNow())
  }, clock)

  function timelineNow(): Timeline {
    const { messages, isLoading, isStart, isEnd, hasPage } = history
    if (hasPage && !isLoading && typeof readTo === 'number') {
      const from = readTo
      unreadFrom = messages.find(({ seq, sender_id }) => seq > from && sender_id !== ownId)?.seq ?? null
      readTo = null
    }
    const pending = sending.pending()
    return { messages, pending, notices: notices.of(id), isLoading, isStart, isEnd, unreadFrom }
  }

  /** A mute ends by itself, and nobody tells it. */
  let cancelMute: (() => void) | undefined
  function showRights(): void {
    const own = people.member(ownId)
    const next = rightsOf(group.value, own, clock.now())
    if (!isSameRights(next, rights.value)) rights.set(next)
    cancelMute?.()
    const leftMs = Date.parse(own?.muted_until ?? '') - clock.now()
    if (leftMs > 0 && leftMs < 2 ** 31) cancelMute = clock.after(leftMs + 1, showRights)
  }

  /** A connection that comes meanwhile begins nothing else: two that load would each drop what the other one fetched. */
  let isBeginning = false
  async function begin(): Promise<void> {
    if (isBeginning) return
    isBeginning = true
    try {
      await load()
    } finally {
      isBeginning = false
    }
  }

  async function load(): Promise<void> {
    await groups.known(id)
    if (isDisposed) return
    const { read_seq, unread_count } = groups.get(id) ?? group.value
    if (readTo === undefined) readTo = readToOf({ read_seq, unread_count })
    if (messageId !== undefined) await jumpTo(messageId)
    if (!history.hasPage)
      await (unread_count > unreadOnFirstPage ? history.loadAround(read_seq + 1) : history.loadNewest())
    if (isDisposed) return
    if (!history.hasPage) {
      // Without a connection it goes on when there is one.
      if (chat.state === 'online') clock.after(retryMs, () => void (history.hasPage || begin()))
      return
    }
    people.meet(history.messages.map(({ sender }) => sender))
    await attend()
  }

  /** What is told only to whoever is there. */
  async function attend(): Promise<void> {
    const { role, member_count } = group.value
    const hasReads = role !== null && member_count <= seenByLimit
    await Promise.all([
      people.begin(),
      hasReads && chat.groups.reads(id).then(({ reads: marks }) => reads.put(marks), reportLoad),
    ])
  }

  async function jumpTo(to: string): Promise<void> {
    try {
      const message = history.get(to) ?? (await chat.messages.get(to))
      if (isDisposed || message.group_id !== id) return
      if (!history.get(to)) await history.loadAround(message.seq)
      show.now()
      target.set({ seq: message.seq })
    } catch (error) {
      report(error)
    }
  }

  /** Whoever reads old messages stays with them. */
  function reload(): Promise<void> {
    const { isEnd, messages } = history
    const middle = messages[messages.length >> 1]
    return isEnd || !middle ? history.loadNewest() : history.loadAround(middle.seq)
  }

  /** The timeline has it when the promise is resolved. */
  const shown = (load: () => Promise<void>) => async (): Promise<void> => {
    await load()
    show.now()
  }

  void begin()
  return {
    id,
    group,
    rights,
    timeline,
    people: people.cell,
    typing: typing.cell,
    reads: reads.cell,
    replyTo,
    editing,
    target,
    uploads: uploads.cell,

    loadOlder: shown(history.loadOlder),
    loadNewer: shown(history.loadNewer),
    jumpTo,
    jumpToNewest: shown(async () => {
      if (!history.isEnd) await history.loadNewest()
    }),

    seen(seq) {
      const { isEnd, messages } = history
      history.follow(isEnd && seq >= (messages.at(-1)?.seq ?? 0))
      reader.seen(seq, isEnd ? unreadBehind(messages, seq, ownId) : undefined)
    },

    answer: (message) => replyTo.set(message),
    edit: (message) => editing.set(message),

    send(text) {
      const attachments = uploads.take()
      if (!text.trim() && !attachments.length) return
      sending.send(text, { replyTo: replyTo.value, attachments })
      replyTo.set(null)
      typing.sent()
      show.now()
    },
    retry: sending.retry,
    discard(clientId) {
      sending.discard(clientId)
      show()
    },

    ...changes,
    toggleReaction(message, emoji) {
      const told = changes.toggleReaction(message, emoji)
      show.now()
      return told
    },
    typed: typing.typed,
    upload: uploads.add,
    removeUpload: uploads.remove,
    loadPeople: people.loadMore,
    findPeople: people.find,

    async setNotify(notify) {
      const before = group.value.notify
      groups.change(id, (each) => ({ ...each, notify }))
      try {
        await chat.groups.preferences(id, { notify })
      } catch (error) {
        groups.change(id, (each) => ({ ...each, notify: before }))
        report(error)
      }
    },

    receive(event) {
      if (event.type === 'resync') void reload()
      else history.receive(event)
      people.receive(event)
      typing.receive(event)
      if (group.value.member_count <= seenByLimit) reads.receive(event)
    },

    changed(next) {
      group.set(next)
      showRights()
    },
    waitingChanged: show,
    nameOf: people.nameOf,
    roleOf: (userId) => people.member(userId)?.role,

    cameOnline() {
      void history.listen()
      reader.flush()
      void (history.hasPage ? attend() : begin())
    },
    wentOffline: typing.clear,

    dispose() {
      isDisposed = true
      histories.leave(history)
      people.dispose()
      reader.flush()
      typing.typed(false)
      typing.clear()
      cancelMute?.()
    },
  }
}

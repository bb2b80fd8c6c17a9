import type { Chat, ChatEvent, Group, Message } from '../../../src/client/types.ts'
import { createCell } from './cell.ts'
import { type Clock, gathered } from './clock.ts'
import type { Groups } from './groups.ts'
import { createHistory } from './history.ts'
import { mentionsIn } from './mentions.ts'
import type { Notices } from './notices.ts'
import { createPeople } from './people.ts'
import { createReader, type Unread } from './reader.ts'
import { createReads, seenByLimit } from './reads.ts'
import { rightsOf } from './rights.ts'
import { calls } from './standing.ts'
import type { Conversation, Rights, Timeline } from './types.ts'
import { createTyping } from './typing.ts'
import type { Uploads } from './uploads.ts'
import { createWaiting } from './waiting.ts'

/** A conversation, and how it hears of what happens. */
export interface OpenConversation extends Conversation {
  receive(event: ChatEvent): void
  /** The group is another one in the list. */
  changed(group: Group): void
  /** What waits, or a notice, is another one. */
  pendingChanged(): void
  nameOf(userId: string): string | undefined
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
  notices: Notices
  uploads: Uploads
  report(error: unknown): void
}

/** With more unread messages than this the newest page may lack the first of them. */
const unreadOnFirstPage = 45
/** In larger groups only admins may call everybody. */
const mostForAll = 50

export function createConversation(deps: Deps, messageId: string | undefined): OpenConversation {
  const { chat, ownId, clock, groups, notices, uploads, report } = deps
  const { id } = deps.group
  const group = createCell(deps.group)
  const rights = createCell<Rights>(rightsOf(deps.group, undefined, clock.now()))
  const replyTo = createCell<Message | null>(null)
  const editing = createCell<string | null>(null)
  const target = createCell<{ readonly seq: number } | null>(null)
  let unreadFrom: number | null = null
  let isDisposed = false

  const history = createHistory({ chat, groupId: id, ownId, onChange: () => show(), report })
  const waiting = createWaiting({ chat, groupId: id, ownKeys: history.ownKeys, isEnd: () => history.isEnd })
  const people = createPeople({
    ...deps,
    groupId: id,
    isPrivate: () => group.value.visibility === 'private',
    onChange: () => showRights(),
  })
  const reads = createReads(ownId)
  const reader = createReader({ chat, groupId: id, clock, groups, report })
  const typing = createTyping({ clock, ownId, tell: (state) => chat.group(id).typing(state) })
  const timeline = createCell<Timeline>(timelineNow())
  const show = gathered(() => {
    if (!isDisposed) timeline.set(timelineNow())
  }, clock)

  function timelineNow(): Timeline {
    const { messages, isLoading, isStart, isEnd } = history
    return {
      messages,
      pending: waiting.now(),
      notices: notices.of(id),
      isLoading,
      isStart,
      isEnd,
      unreadFrom,
    }
  }

  function showRights(): void {
    const next = rightsOf(group.value, people.member(ownId), clock.now())
    const { mayWrite, whyNot, isAdmin, isOwner } = rights.value
    if (
      next.mayWrite !== mayWrite ||
      next.whyNot !== whyNot ||
      next.isAdmin !== isAdmin ||
      next.isOwner !== isOwner
    )
      rights.set(next)
  }

  async function tried(run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run()
      return true
    } catch (error) {
      report(error)
      return false
    }
  }

  const told = (type: string, fields: object): void => history.receive({ type, group_id: id, ...fields })

  async function begin(): Promise<void> {
    const { read_seq, unread_count, role } = group.value
    if (messageId !== undefined) await jumpTo(messageId)
    if (history.messages.length === 0) {
      if (unread_count > unreadOnFirstPage) await history.loadAround(read_seq + 1)
      else await history.loadNewest()
    }
    if (isDisposed) return
    if (unread_count > 0 && role !== null) {
      const first = history.messages.find(({ seq, sender_id }) => seq > read_seq && sender_id !== ownId)
      unreadFrom = first?.seq ?? null
      if (first) show()
    }
    people.meet(history.messages.map(({ sender }) => sender))
    await Promise.all([people.begin(), loadReads()])
  }

  async function loadReads(): Promise<void> {
    const { role, member_count } = group.value
    if (role === null || member_count > seenByLimit) return
    await tried(async () => reads.put((await chat.groups.reads(id)).reads))
  }

  async function jumpTo(to: string): Promise<void> {
    await tried(async () => {
      const message = history.get(to) ?? (await chat.messages.get(to))
      if (isDisposed || message.group_id !== id) return
      if (!history.get(to)) await history.loadAround(message.seq)
      target.set({ seq: message.seq })
    })
  }

  function unreadBehind(seq: number): Unread {
    const { messages } = history
    let [unread_count, mention_count] = [0, 0]
    for (let i = messages.length - 1; i >= 0; i--) {
      const message = messages[i] as Message
      if (message.seq <= seq) break
      if (message.sender_id === ownId || message.is_deleted) continue
      unread_count++
      if (calls(message, ownId)) mention_count++
    }
    return { unread_count, mention_count }
  }

  function callsIn(text: string): { mentions?: string[]; mentionAll?: boolean } {
    const { ids, all } = mentionsIn(text, people.known())
    const { member_count } = group.value
    return {
      ...(ids.length && { mentions: ids }),
      ...(all && (rights.value.isAdmin || member_count <= mostForAll) && { mentionAll: true }),
    }
  }

  function sendUnder(text: string, options: object): void {
    // A refusal stands beside the message, which is kept as a failed one.
    void chat
      .group(id)
      .send(text, options)
      .catch(() => undefined)
    typing.sent()
    if (!history.isEnd) void history.loadNewest()
    show()
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

    loadOlder: history.loadOlder,
    loadNewer: history.loadNewer,
    jumpTo,
    async jumpToNewest() {
      if (!history.isEnd) await history.loadNewest()
      const last = history.messages.at(-1)
      if (last) target.set({ seq: last.seq })
    },

    seen(seq) {
      history.follow(history.isEnd && seq >= (history.messages.at(-1)?.seq ?? 0))
      reader.seen(seq, history.isEnd ? unreadBehind(seq) : undefined)
    },

    answer: (message) => replyTo.set(message),
    edit: (message) => editing.set(message),

    send(text) {
      const attachments = uploads.take()
      if (!text.trim() && !attachments.length) return
      const answered = replyTo.value
      replyTo.set(null)
      sendUnder(text, {
        ...callsIn(text),
        ...(answered && { replyTo: answered.id }),
        ...(attachments.length && { attachments }),
      })
    },

    retry(clientId) {
      const item = waiting.get(clientId)
      if (item?.error?.code === 'invalid' && item.options.mentions) {
        // Somebody who was called is no member any more: the text is sent, and calls nobody.
        const { mentions: _, ...options } = item.options
        waiting.discard(clientId)
        sendUnder(item.content, options)
      } else chat.retry(clientId)
    },
    discard: (clientId) => waiting.discard(clientId),

    saveEdit: (messageId, text) =>
      tried(async () => {
        const before = history.get(messageId)
        if (before?.content === text) return
        const { mentions = [] } = callsIn(text)
        const message = await chat.messages.edit(messageId, { content: text, mentions })
        told('message_updated', { message })
      }),

    async delete(messageId) {
      await tried(async () => {
        await chat.messages.delete(messageId)
        told('message_deleted', { message_id: messageId, seq: history.get(messageId)?.seq })
      })
    },

    async toggleReaction({ id: messageId, my_reactions }, emoji) {
      const own = history.get(messageId)?.my_reactions ?? my_reactions ?? []
      const isWished = !own.includes(emoji)
      const wish = history.wish(messageId, emoji, isWished)
      try {
        const { react, unreact } = chat.messages
        const answer = await (isWished ? react : unreact)(messageId, emoji)
        wish.settle({ type: 'reactions', message_id: messageId, ...answer })
      } catch (error) {
        wish.settle()
        report(error)
      }
    },

    async togglePin({ id: messageId, pinned_at }) {
      await tried(async () => {
        const isPinned = (history.get(messageId)?.pinned_at ?? pinned_at) !== null
        await chat.messages[isPinned ? 'unpin' : 'pin'](messageId)
        told(isPinned ? 'message_unpinned' : 'message_pinned', { message_id: messageId })
      })
    },

    typed: typing.typed,
    upload: uploads.add,
    removeUpload: uploads.remove,
    loadPeople: people.loadMore,
    findPeople: people.find,

    async setNotify(notify) {
      const before = group.value.notify
      groups.change(id, (each) => ({ ...each, notify }))
      if (!(await tried(() => chat.groups.preferences(id, { notify }))))
        groups.change(id, (each) => ({ ...each, notify: before }))
    },

    receive(event) {
      if (event.type === 'resync') void history.loadNewest()
      else history.receive(event)
      people.receive(event)
      if (event.type === 'new_message') people.meet([event.message.sender])
      typing.receive(event)
      if (group.value.member_count <= seenByLimit) reads.receive(event)
    },

    changed(next) {
      group.set(next)
      showRights()
    },

    pendingChanged: show,
    nameOf: people.nameOf,

    cameOnline() {
      void history.listen()
      reader.cameOnline()
      void loadReads()
      void people.loadOnline()
    },

    wentOffline: typing.clear,

    dispose() {
      isDisposed = true
      history.dispose()
      people.dispose()
      reader.flush()
      typing.typed(false)
    },
  }
}

import { requireMay } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import type { Head } from '../domain/change.ts'
import { formatCursor } from '../domain/cursor.ts'
import { saysNothing } from '../domain/edit.ts'
import { ChatError, notFound } from '../domain/errors.ts'
import { createOrder } from '../domain/in-order.ts'
import {
  type Message,
  type MessageEdit,
  type MessagePage,
  type NewMessage,
  requireText,
  type Send,
  textOnly,
} from '../domain/message.ts'
import type { Rates } from '../domain/rates.ts'
import { noReply, type Replying, replyingTo } from '../domain/reply.ts'
import { invalid } from '../domain/validate.ts'
import type { Hub } from '../hub/hub.ts'
import type { Appended } from '../store/messages.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'
import { keyedId, sendHash } from './ids.ts'
import { createMentionChecks } from './mentions.ts'

export interface Messages {
  /**
   * Resolves when the message is durable. With a `client_id` that was used before, the first message is the answer,
   * as it is now, with `repeat`. Throws not_found, banned, muted, forbidden, invalid (who is mentioned, what is answered,
   * which files it has), conflict (the key was used for another message), rate_limited.
   */
  send(by: Caller, groupId: string, command: NewMessage): Promise<{ message: Message; repeat: boolean }>
  /** Throws not_found (also for a deleted one), banned, forbidden. */
  read(by: Caller, id: string): Promise<Message>
  /**
   * An edit that changes nothing is told to nobody. Throws not_found (also for a deleted one), banned, muted, forbidden (one's own
   * only), invalid (who is mentioned; nothing to edit), rate_limited.
   */
  edit(by: Caller, id: string, command: MessageEdit): Promise<Message>
  /**
   * To remove a message that is removed already succeeds, without effect. Throws not_found, banned, forbidden (one's own, or an
   * admin), rate_limited.
   */
  remove(by: Caller, id: string): Promise<Message>
  /** The same of one's own messages alone, whatever else the caller may do there. Throws not_found, banned, forbidden, rate_limited. */
  removeOwn(by: Caller, id: string): Promise<Message>
  /**
   * Brings a deleted message back; to restore what is there succeeds, without effect. Throws not_found, forbidden (operators only),
   * wiped (its text is gone), rate_limited.
   */
  restore(by: Caller, id: string): Promise<Message>
  /** The seq of a message of the group, also of a deleted one. Throws not_found, banned, forbidden. */
  seqOf(by: Caller, groupId: string, id: string): Promise<number>
  /** The group's present cursor. Throws not_found, banned, forbidden. */
  cursor(by: Caller, groupId: string): Promise<string>
  /** `more`: there are further messages in the direction of the page. Throws not_found, banned, forbidden. */
  list(by: Caller, groupId: string, page: MessagePage): Promise<History>
  /** The same of all messages; those that are deleted have the text that is kept. Throws not_found, forbidden (operators only). */
  listWithDeleted(by: Caller, groupId: string, page: MessagePage): Promise<History>
}

export interface History {
  messages: Message[]
  /** How many messages the group has; in a list without deleted ones, how many that are not deleted. */
  total: number
  more: boolean
  /** Read before the page, so that a socket opened with it misses nothing. */
  cursor: string
}

interface Deps {
  store: Store
  hub: Hub
  now: () => number
  newId: () => string
  messageRevisions: boolean
  rates: Pick<Rates, 'messages' | 'edits'>
  keepDeletedText: boolean
}

export function createMessages(deps: Deps): Messages {
  const { store, hub, now, newId, messageRevisions, rates, keepDeletedText } = deps
  /** Sends with a key that are under way. A second send with the same key and content shares the outcome of the first. */
  const underWay = new Map<string, ReturnType<Store['messages']['append']>>()

  /** Edits have a limit of their own besides that of messages, because each costs every client that comes back later. */
  function limitEdit({ userId }: Caller): void {
    rates.edits.take(userId)
    rates.messages.take(userId)
  }

  const inOrder = createOrder()
  const mentions = createMentionChecks(store, now)

  const isChecked = ({ reply_to, mentions, mention_all, attachments }: NewMessage): boolean =>
    Boolean(reply_to || mentions?.length || mention_all || attachments?.length)

  /** Throws not_found, banned, muted, forbidden, invalid. */
  async function replying(by: Caller, groupId: string, replyTo: string | undefined): Promise<Replying> {
    if (replyTo === undefined) return noReply
    requireMay('write', await store.members.read(groupId, by.userId), by, now())
    const answered = await store.messages.read(replyTo)
    if (answered?.groupId === groupId && !answered.isDeleted) return replyingTo(answered)
    throw invalid([{ field: 'reply_to', message: 'is not a message of this group' }])
  }

  /**
   * What the message answers, and its files. A message that was sent already is answered to a repeat, whatever has become of what it
   * answers, whom it mentions, and its files.
   */
  async function check(
    by: Caller,
    { id, groupId, clientId }: Send,
    command: NewMessage,
  ): Promise<Pick<Send, keyof Replying | 'attachments'>> {
    const { reply_to, attachments = [] } = command
    try {
      const reply = await replying(by, groupId, reply_to)
      await mentions.send(by, groupId, command)
      if (!attachments.length) return { ...reply, attachments: textOnly.attachments }
      return { ...reply, attachments: await store.files.reserve(attachments, { id, groupId }, by, now()) }
    } catch (error) {
      if (clientId === null || !(await store.messages.read(id))) throw error
      return { ...noReply, attachments: textOnly.attachments }
    }
  }

  /** A repeat has been told before. */
  function told({ value: message, repeat, shownTo }: Appended): { message: Message; repeat: boolean } {
    for (const userId of shownTo) hub.tellUser(userId, { type: 'group_shown', groupId: message.groupId })
    if (!repeat) hub.message(message)
    return { message, repeat }
  }

  async function readableHead(by: Caller, groupId: string): Promise<Head> {
    await readableGroup({ store, now }, by, groupId)
    const head = await store.log.readHead(groupId)
    if (head === null) throw notFound('group')
    return head
  }

  const oneMore = (page: MessagePage): MessagePage => ({ ...page, limit: page.limit + 1 })

  /** `found` is one message longer than the page where there are more. */
  const historyOf = (head: Head, found: Message[], { limit }: MessagePage, total: number): History => ({
    messages: found.slice(0, limit),
    total,
    more: found.length > limit,
    cursor: formatCursor(store.epoch, head),
  })

  async function remove(by: Caller, id: string): Promise<Message> {
    limitEdit(by)
    const { value: message, changes } = await store.messages.delete(id, by, now(), keepDeletedText)
    for (const change of changes) hub.change(change, { message })
    return message
  }

  return {
    async send(by, groupId, command) {
      rates.messages.take(by.userId)
      requireText(command.content, command.attachments ?? [])
      const clientId = command.client_id ?? null
      let send: Send = {
        ...noReply,
        id: clientId === null ? newId() : keyedId(groupId, by.userId, clientId),
        groupId,
        senderId: by.userId,
        content: command.content,
        createdAt: now(),
        clientId,
        mentions: command.mentions ?? textOnly.mentions,
        mentionAll: command.mention_all ?? textOnly.mentionAll,
        metadata: command.metadata ?? textOnly.metadata,
        attachments: textOnly.attachments,
        sendHash: clientId === null ? null : sendHash(command),
      }
      // What one user sends keeps its order, though some of it has to be checked first.
      const checked = async () => {
        send = { ...send, ...(await check(by, send, command)) }
      }
      await inOrder(`${groupId} ${by.userId}`, isChecked(command) ? checked : null)
      if (clientId === null) {
        return told(await store.messages.append(send, by))
      }
      const key = `${send.id} ${send.sendHash}`
      const first = underWay.get(key)
      if (first) return { message: (await first).value, repeat: true }
      const sending = store.messages.append(send, by)
      underWay.set(key, sending)
      try {
        return told(await sending)
      } finally {
        underWay.delete(key)
      }
    },

    async read(by, id) {
      const message = await store.messages.read(id)
      if (message === null) throw notFound('message')
      await readableGroup({ store, now }, by, message.groupId)
      if (message.isDeleted) throw notFound('message')
      return message
    },

    async edit(by, id, command) {
      limitEdit(by)
      if (saysNothing(command)) throw invalid([{ field: 'content', message: 'is required' }])
      await mentions.edit(by, id, command)
      const { value: message, changes } = await store.messages.edit(id, command, by, now(), messageRevisions)
      for (const change of changes) hub.change(change, { message })
      return message
    },

    remove,

    async removeOwn(by, id) {
      const message = await store.messages.read(id)
      if (message === null) throw notFound('message')
      await readableGroup({ store, now }, by, message.groupId)
      if (message.senderId !== by.userId)
        throw new ChatError('forbidden', 'You may only delete your own messages.')
      return remove(by, id)
    },

    async restore(by, id) {
      limitEdit(by)
      const { value: message, changes } = await store.messages.restore(id, by, now())
      for (const change of changes) hub.change(change, { message })
      return message
    },

    async seqOf(by, groupId, id) {
      await readableGroup({ store, now }, by, groupId)
      const message = await store.messages.read(id)
      if (message?.groupId !== groupId) throw notFound('message')
      return message.seq
    },

    cursor: async (by, groupId) => formatCursor(store.epoch, await readableHead(by, groupId)),

    async list(by, groupId, page) {
      const head = await readableHead(by, groupId)
      const found = await store.messages.list(groupId, oneMore(page))
      return historyOf(head, found, page, head.seq - head.deleted)
    },

    async listWithDeleted(by, groupId, page) {
      requireMay('recover', await store.members.read(groupId, by.userId), by, now())
      const head = await readableHead(by, groupId)
      const found = await store.messages.listWithDeleted(groupId, oneMore(page))
      return historyOf(head, found, page, head.seq)
    },
  }
}

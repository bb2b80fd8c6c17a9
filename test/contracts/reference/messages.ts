import {
  requireMay,
  requireMayDelete,
  requireMayEdit,
  requireMayRestore,
} from '../../../src/domain/access.ts'
import { deletion, restoration } from '../../../src/domain/audit.ts'
import type { Caller } from '../../../src/domain/caller.ts'
import type { Change } from '../../../src/domain/change.ts'
import { changesBy } from '../../../src/domain/edit.ts'
import { ChatError, notFound, wiped } from '../../../src/domain/errors.ts'
import { type Message, type MessagePage, sentMessage, shown } from '../../../src/domain/message.ts'
import type { ReplyPage } from '../../../src/domain/reply.ts'
import type { MessageStore } from '../../../src/store/messages.ts'
import { attach } from './files.ts'
import { type Contents, countAnswer, type Kept, logChange, showChat } from './kept.ts'

export function referenceMessages(contents: Contents): MessageStore {
  const { groups, deeds, files, all, membership, need, findMessage, dropFiles } = contents
  const found = (
    requireMayChange: typeof requireMayEdit,
    id: string,
    by: Caller,
    at: number,
  ): { kept: Kept; message: Message } => {
    const message = findMessage(id)
    if (!message) throw notFound('message')
    requireMayChange(membership(message.groupId, by.userId), message, by, at)
    return { kept: need(message.groupId), message }
  }

  const count = (message: Message, by: number): void => countAnswer(contents, message, by)

  const change = (
    type: Change['type'],
    { kept, message }: ReturnType<typeof found>,
    to: Partial<Message>,
    at: number,
    data: Change['data'] = {},
  ) => {
    const changed = { ...message, ...to, updatedAt: at, ver: message.ver + 1 }
    kept.messages[message.seq - 1] = changed
    if (changed.isDeleted !== message.isDeleted) count(changed, changed.isDeleted ? -1 : 1)
    const about = { messageId: message.id, messageSeq: message.seq, ver: changed.ver }
    return { value: changed, changes: [logChange(kept, { type, at, ...about, data })] }
  }

  const answers = (groupId: string, page: ReplyPage, isOf: (message: Message) => boolean): Message[] =>
    pageOf(
      (groups.get(groupId)?.messages ?? []).filter((each) => isOf(each) && !each.isDeleted),
      page,
    )

  return {
    async append(send, by) {
      requireMay('write', membership(send.groupId, by.userId), by, send.createdAt)
      const { messages, hashes } = need(send.groupId)
      const there = findMessage(send.id)
      if (there) {
        if (there.groupId !== send.groupId || hashes.get(send.id) !== send.sendHash)
          throw new ChatError('conflict', 'taken')
        return { value: there, changes: [], repeat: true, shownTo: [] }
      }
      attach(files, send)
      const message = sentMessage(send, messages.length + 1)
      messages.push(message)
      count(message, 1)
      const { reads, members } = need(send.groupId)
      if (members.has(send.senderId)) reads.set(send.senderId, { seq: message.seq, at: send.createdAt })
      hashes.set(send.id, send.sendHash)
      const kept = need(send.groupId)
      const shownTo = kept.group.kind === 'direct' ? showChat(kept) : []
      return { value: message, changes: [], repeat: false, shownTo }
    },
    async edit(id, edit, by, at, keeps = true) {
      const mine = found(requireMayEdit, id, by, at)
      if (mine.message.isDeleted) throw notFound('message')
      const changes = changesBy(edit, mine.message)
      if (!changes) return { value: mine.message, changes: [] }
      if (keeps && changes.content !== undefined) {
        const { replaced } = mine.kept
        replaced.set(id, [...(replaced.get(id) ?? []), { content: mine.message.content, replacedAt: at }])
      }
      return change('message_updated', mine, { ...changes, editedAt: at }, at)
    },
    async delete(id, by, at, keepsText = true) {
      const mine = found(requireMayDelete, id, by, at)
      if (mine.message.isDeleted) return { value: mine.message, changes: [] }
      if (keepsText) mine.kept.texts.set(id, { message: mine.message, at })
      else {
        mine.kept.replaced.delete(id)
        dropFiles([id])
      }
      const deed = deletion(mine.message, by, at)
      if (deed) deeds.push(deed)
      const deleted = shown({ ...mine.message, isDeleted: true, deletedBy: by.userId })
      return change('message_deleted', mine, deleted, at, { by: by.userId })
    },
    async restore(id, by, at) {
      const { kept, message } = found(requireMayRestore, id, by, at)
      if (!message.isDeleted) return { value: message, changes: [] }
      const before = kept.texts.get(id)?.message
      if (!before) throw wiped()
      kept.texts.delete(id)
      deeds.push(restoration(message, by, at))
      const { ver, replyCount } = message
      const restored = { ...before, ver, replyCount, isDeleted: false, pinnedAt: null }
      return change('message_updated', { kept, message }, restored, at)
    },
    async wipe(before, limit) {
      const old = all().flatMap((kept) =>
        [...kept.texts].filter(([, { at }]) => at < before).map(([id]) => ({ kept, id })),
      )
      for (const { kept, id } of old.slice(0, limit)) {
        kept.texts.delete(id)
        kept.replaced.delete(id)
        dropFiles([id])
      }
      return Math.min(old.length, limit)
    },
    read: async (id) => findMessage(id) ?? null,
    readMany: async (ids) => ids.map(findMessage).filter((message) => message !== undefined),
    listLast: async (groupIds) =>
      new Map(
        groupIds.flatMap((groupId) => {
          const last = groups.get(groupId)?.messages.findLast(({ isDeleted }) => !isDeleted)
          return last ? [[groupId, last] as const] : []
        }),
      ),
    list: async (groupId, page) =>
      pageOf(
        (groups.get(groupId)?.messages ?? []).filter(
          ({ isDeleted, replyTo }) => !isDeleted && !(page.roots && replyTo !== null),
        ),
        page,
      ),
    async listWithDeleted(groupId, page) {
      const { messages = [], texts } = groups.get(groupId) ?? {}
      const asked = messages.filter(({ replyTo }) => !(page.roots && replyTo !== null))
      return pageOf(asked, page).map((message) => {
        const said = texts?.get(message.id)?.message
        if (!said) return message
        const { content, mentions, mentionAll, metadata, attachments } = said
        return { ...message, content, mentions, mentionAll, metadata, attachments }
      })
    },
    listReplies: async ({ id, groupId }, page) => answers(groupId, page, ({ replyTo }) => replyTo === id),
    listThread: async ({ id, groupId }, page) => answers(groupId, page, ({ threadId }) => threadId === id),
  }
}

function pageOf(messages: Message[], page: MessagePage): Message[] {
  const newest = messages.toReversed()
  if ('after' in page) return messages.filter(({ seq }) => seq > page.after).slice(0, page.limit)
  if ('before' in page) return newest.filter(({ seq }) => seq < page.before).slice(0, page.limit)
  return newest.slice(page.offset, page.offset + page.limit)
}

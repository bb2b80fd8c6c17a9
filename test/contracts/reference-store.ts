import { accessOf, requireManager, requireMember, requireSender } from '../../src/domain/access.ts'
import type { Caller } from '../../src/domain/caller.ts'
import type { Change } from '../../src/domain/change.ts'
import { ChatError, notFound } from '../../src/domain/errors.ts'
import { type Group, requireSeen } from '../../src/domain/group.ts'
import { limits } from '../../src/domain/limits.ts'
import type { Message, MessagePage } from '../../src/domain/message.ts'
import type { Store } from '../../src/store/store.ts'

interface Kept {
  group: Group
  messages: Message[]
  hashes: Map<string, string | null>
  changes: Change[]
  trimmed: number
}

/**
 * The Store's promises in their simplest form: arrays in memory, one call after the other. Stores are compared with it.
 */
const summaryOf = (group: Group) => ({
  ...group,
  authorizedUserIds: group.authorizedUserIds.slice(0, limits.listedMembers),
  memberCount: group.authorizedUserIds.length,
})

export function createReferenceStore(): Omit<Store, 'kind' | 'epoch' | 'ping' | 'watch' | 'close' | 'stats'> {
  const groups = new Map<string, Kept>()
  const all = () => [...groups.values()]
  const access = (id: string) => {
    const kept = groups.get(id)
    return kept ? accessOf(kept.group) : null
  }
  const need = (id: string): Kept => {
    const kept = groups.get(id)
    if (!kept) throw notFound('group')
    return kept
  }
  const find = (id: string) =>
    all()
      .flatMap((kept) => kept.messages)
      .find((message) => message.id === id)
  const headOf = ({ messages, changes, trimmed }: Kept) => ({
    seq: messages.length,
    rev: trimmed + changes.length,
    deleted: messages.filter((message) => message.isDeleted).length,
  })

  const log = (kept: Kept, entry: Pick<Change, 'type' | 'at'> & Partial<Change>): Change => {
    const head = headOf(kept)
    const change = { groupId: kept.group.id, ...entry, ...head, rev: head.rev + 1 }
    kept.changes.push(change)
    return change
  }

  const own = (id: string, by: Caller): { kept: Kept; message: Message } => {
    const message = find(id)
    if (!message) throw notFound('message')
    requireSender(access(message.groupId), message, by)
    return { kept: need(message.groupId), message }
  }

  const change = (
    type: Change['type'],
    { kept, message }: ReturnType<typeof own>,
    to: Partial<Message>,
    at: number,
  ) => {
    const changed = { ...message, ...to, updatedAt: at, ver: message.ver + 1 }
    kept.messages[message.seq - 1] = changed
    const about = { messageId: message.id, messageSeq: message.seq, ver: changed.ver }
    return { message: changed, change: log(kept, { type, at, ...about }) }
  }

  const page = (messages: Message[], page: MessagePage): Message[] => {
    const newest = messages.toReversed()
    if ('after' in page) return messages.filter(({ seq }) => seq > page.after).slice(0, page.limit)
    if ('before' in page) return newest.filter(({ seq }) => seq < page.before).slice(0, page.limit)
    return newest.slice(page.offset, page.offset + page.limit)
  }

  return {
    async createGroup(group) {
      if (groups.has(group.id)) throw new ChatError('conflict', 'taken')
      groups.set(group.id, { group, messages: [], hashes: new Map(), changes: [], trimmed: 0 })
    },
    readGroup: async (id) => groups.get(id)?.group ?? null,
    confirmGroup: async (id) => groups.get(id)?.group ?? null,
    async listGroups(userId, { offset, limit }) {
      const listed = all()
        .map(({ group }) => group)
        .filter((group) => group.authorizedUserIds.includes(userId))
        .sort((a, b) => b.createdAt - a.createdAt)
      return { groups: listed.slice(offset, offset + limit).map(summaryOf), total: listed.length }
    },
    async listGroupIds(userId, limit) {
      return (await this.listGroups(userId, { offset: 0, limit })).groups.map(({ id }) => id)
    },
    async updateGroup(id, patch, by, at) {
      requireManager(access(id), by)
      const kept = need(id)
      const before = kept.group
      requireSeen(before, patch)
      const { ifTag: _, ...after } = { ...before, ...patch }
      if (JSON.stringify(before) === JSON.stringify(after)) return { group: before, changes: [] }
      kept.group = { ...after, updatedAt: at }
      const changes: Change[] = []
      if (before.name !== after.name || before.description !== after.description)
        changes.push(log(kept, { type: 'group_updated', at }))
      for (const userId of after.authorizedUserIds)
        if (!before.authorizedUserIds.includes(userId))
          changes.push(log(kept, { type: 'member_added', userId, at }))
      for (const userId of before.authorizedUserIds)
        if (!after.authorizedUserIds.includes(userId))
          changes.push(log(kept, { type: 'member_removed', userId, at }))
      return { group: kept.group, changes }
    },
    async deleteGroup(id, by) {
      requireManager(access(id), by)
      groups.delete(id)
    },

    async appendMessage({ sendHash, ...send }, by) {
      requireMember(access(send.groupId), by)
      const { messages, hashes } = need(send.groupId)
      const there = find(send.id)
      if (there) {
        if (there.groupId !== send.groupId || hashes.get(send.id) !== sendHash)
          throw new ChatError('conflict', 'taken')
        return { message: there, repeat: true }
      }
      const message = {
        ...send,
        updatedAt: send.createdAt,
        isDeleted: false,
        seq: messages.length + 1,
        ver: 1,
      }
      messages.push(message)
      hashes.set(send.id, sendHash)
      return { message, repeat: false }
    },
    async editMessage(id, content, by, at) {
      const mine = own(id, by)
      if (mine.message.isDeleted) throw notFound('message')
      if (mine.message.content === content) return { message: mine.message }
      return change('message_updated', mine, { content }, at)
    },
    async deleteMessage(id, by, at) {
      const mine = own(id, by)
      if (mine.message.isDeleted) return { message: mine.message }
      return change('message_deleted', mine, { content: '', isDeleted: true }, at)
    },

    readMessage: async (id) => find(id) ?? null,
    readMessages: async (ids) => ids.map(find).filter((message) => message !== undefined),
    listMessages: async (groupId, wanted) =>
      page(groups.get(groupId)?.messages.filter((message) => !message.isDeleted) ?? [], wanted),
    async readHead(groupId) {
      const kept = groups.get(groupId)
      return kept ? headOf(kept) : null
    },
    async readLog(groupId, after, limit) {
      const { messages = [], changes = [] } = groups.get(groupId) ?? {}
      return {
        messages: messages.slice(after.seq).slice(0, limit),
        changes: changes.filter(({ rev }) => rev > after.rev).slice(0, limit),
      }
    },
    readLogStart: async (groupId) => groups.get(groupId)?.trimmed ?? 0,
    async trimChanges(before) {
      let dropped = 0
      for (const kept of all()) {
        for (; kept.changes.length > 1 && (kept.changes[0]?.at ?? before) < before; kept.trimmed++, dropped++)
          kept.changes.shift()
      }
      return dropped
    },
  }
}

import {
  addCounts,
  type Erasure,
  type ErasureOrder,
  nothingErased,
  withAlias,
} from '../../../src/domain/erasure.ts'
import type { Message } from '../../../src/domain/message.ts'
import type { ErasureStore } from '../../../src/store/erasures.ts'
import { type Contents, logChange, removeMessage } from './kept.ts'

export function referenceErasures(contents: Contents): ErasureStore {
  const { all, blocks, reports, uploads } = contents
  const begun = new Map<string, Erasure>()
  const admitted = new Set<string>()
  const orders = new Map<string, ErasureOrder>()
  return {
    async begin(key, order) {
      const counts = (admitted.delete(key) ? undefined : begun.get(key)?.counts) ?? nothingErased
      const alias = orders.get(key)?.alias ?? order.alias
      begun.set(key, { alias, counts })
      orders.set(key, { ...order, alias })
      return { alias, counts }
    },
    async count(key, more) {
      const { alias = '', counts = nothingErased } = begun.get(key) ?? {}
      const sum = addCounts(counts, more)
      begun.set(key, { alias, counts: sum })
      return sum
    },
    async end(key) {
      orders.delete(key)
      return begun.get(key)?.counts ?? nothingErased
    },
    unfinished: async (limit) => [...orders.values()].slice(0, limit),
    async admit(key) {
      orders.delete(key)
      if (!begun.has(key) || admitted.has(key)) return false
      admitted.add(key)
      return true
    },
    refused: async () => ({
      keys: [...begun.keys()].map((key) => [key, !admitted.has(key)] as const),
      next: '',
    }),
    async messages(userId, alias, limit, at) {
      const kept = all().find(({ messages }) => messages.some(({ senderId }) => senderId === userId))
      if (!kept) return { value: 0, changes: [] }
      const some = kept.messages.filter(({ senderId }) => senderId === userId).slice(0, limit)
      const removed = some.filter((message) => removeMessage(contents, message, at))
      for (const { seq, id } of some) {
        const message = kept.messages[seq - 1]
        if (message) kept.messages[seq - 1] = { ...message, senderId: alias, clientId: null }
        kept.hashes.set(id, null)
      }
      if (!removed.length) return { value: some.length, changes: [] }
      const data = { message_ids: removed.map(({ id }) => id) }
      return { value: some.length, changes: [logChange(kept, { type: 'messages_erased', at, data })] }
    },
    async reactions(userId, limit) {
      const found = all().flatMap(({ reactions }) =>
        [...reactions].flatMap(([messageId, those]) =>
          those.filter((each) => each.userId === userId).map(({ emoji }) => ({ messageId, emoji })),
        ),
      )
      return { found: found.slice(0, limit), dropped: 0 }
    },
    async rest(userId, alias, _, at) {
      const named = (id: string | null) => (id === userId ? alias : id)
      for (const [id, report] of reports) {
        const { senderId, reporterId, decidedBy } = report
        const said = reporterId === userId ? { reporterId: alias, reason: '' } : {}
        reports.set(id, {
          ...report,
          ...said,
          senderId: named(senderId) ?? senderId,
          decidedBy: named(decidedBy),
        })
      }
      blocks.delete(userId)
      for (const blocked of blocks.values()) blocked.delete(userId)
      uploads.delete(userId)
      const without = (message: Message): Message => ({
        ...message,
        mentions: message.mentions.filter((each) => each !== userId),
        deletedBy: named(message.deletedBy),
      })
      const changes = all().flatMap((kept) => {
        kept.chosen.delete(userId)
        kept.mutes.delete(userId)
        kept.invites = kept.invites.filter(({ createdBy }) => createdBy !== userId)
        for (const [banned, ban] of kept.bans) {
          const reason = banned === userId ? '' : ban.reason
          kept.bans.set(banned, { ...ban, reason, createdBy: named(ban.createdBy) ?? ban.createdBy })
        }
        const renamed = kept.changes.map((change) => withAlias(change.data, userId, alias))
        kept.changes.forEach((change, i) => {
          kept.changes[i] = { ...change, data: renamed[i] ?? change.data }
        })
        const texts = [...kept.texts].map(
          ([id, { message, at }]) => [id, { message: without(message), at }] as const,
        )
        const mentioning = [
          ...kept.messages,
          ...[...kept.texts.values()].map(({ message }) => message),
        ].filter(({ mentions }) => mentions.includes(userId))
        kept.messages = kept.messages.map(without)
        for (const [id, text] of texts) kept.texts.set(id, text)
        if (!mentioning.length && !renamed.some(Boolean)) return []
        return [logChange(kept, { type: 'group_updated', at })]
      })
      return { value: null, changes }
    },
  }
}

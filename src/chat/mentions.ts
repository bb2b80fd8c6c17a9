import { requireMay, requireMayEdit, requireMayMentionAll } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import { requireMentionable } from '../domain/mention.ts'
import type { MessageEdit, NewMessage } from '../domain/message.ts'
import type { Store } from '../store/store.ts'

/** Checks whom messages mention, before they are written. */
export interface MentionChecks {
  /** Throws not_found, banned, muted, forbidden, invalid. */
  send(by: Caller, groupId: string, command: NewMessage): Promise<void>
  /** Whoever is mentioned already stays so, also when they left. Throws not_found, banned, muted, forbidden, invalid. */
  edit(by: Caller, messageId: string, command: MessageEdit): Promise<void>
}

export function createMentionChecks(
  store: Pick<Store, 'members' | 'groups' | 'messages'>,
  now: () => number,
): MentionChecks {
  async function requireReaders(groupId: string, mentions: readonly string[]): Promise<void> {
    if (!mentions.length) return
    const readers = await store.members.among(groupId, mentions)
    if (!readers) throw notFound('group')
    requireMentionable(mentions, readers, now())
  }

  return {
    async send(by, groupId, { mentions = [], mention_all }) {
      if (!mentions.length && !mention_all) return
      const membership = await store.members.read(groupId, by.userId)
      requireMay('write', membership, by, now())
      await requireReaders(groupId, mentions)
      if (!mention_all) return
      const group = await store.groups.readSummary(groupId)
      if (!group) throw notFound('group')
      requireMayMentionAll(membership, group.memberCount, by, now())
    },

    async edit(by, messageId, { mentions = [] }) {
      if (!mentions.length) return
      const message = await store.messages.read(messageId)
      if (!message) throw notFound('message')
      requireMayEdit(await store.members.read(message.groupId, by.userId), message, by, now())
      if (message.isDeleted) throw notFound('message')
      await requireReaders(
        message.groupId,
        mentions.filter((userId) => !message.mentions.includes(userId)),
      )
    },
  }
}

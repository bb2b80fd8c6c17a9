import { requireMayReadRevisions } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError, notFound } from '../domain/errors.ts'
import type { Revision } from '../domain/revision.ts'
import type { Store } from '../store/store.ts'

export interface Revisions {
  /**
   * What a message said before its last 50 edits, oldest first. Throws not_found (also for a deleted message, and where none are kept),
   * forbidden (its sender, owners and admins, operators).
   */
  list(by: Caller, messageId: string): Promise<Revision[]>
}

interface Deps {
  store: Store
  now: () => number
  messageRevisions: boolean
}

export function createRevisions({ store, now, messageRevisions }: Deps): Revisions {
  return {
    async list(by, messageId) {
      const message = await store.messages.read(messageId)
      if (!message) throw notFound('message')
      requireMayReadRevisions(await store.members.read(message.groupId, by.userId), message, by, now())
      if (message.isDeleted) throw notFound('message')
      if (!messageRevisions) throw new ChatError('not_found', 'Earlier contents are not kept here.')
      return store.revisions.list(messageId)
    },
  }
}

import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import type { Message } from '../domain/message.ts'
import type { ReplyPage } from '../domain/reply.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'

/** Answers, oldest first, also to a message that was deleted. Those that were deleted themselves are left out. */
export interface Replies {
  /** The direct answers to a message. Throws not_found, banned, forbidden (those who may read). */
  direct(by: Caller, messageId: string, page: ReplyPage): Promise<Message[]>
  /** The whole thread that a message is in: its first message, and all below. Throws as `direct`. */
  thread(by: Caller, messageId: string, page: ReplyPage): Promise<Message[]>
}

interface Deps {
  store: Store
  now: () => number
}

export function createReplies({ store, now }: Deps): Replies {
  async function find(by: Caller, id: string): Promise<Message> {
    const message = await store.messages.read(id)
    if (!message) throw notFound('message')
    await readableGroup({ store, now }, by, message.groupId)
    return message
  }

  return {
    direct: async (by, messageId, page) => store.messages.listReplies(await find(by, messageId), page),

    async thread(by, messageId, { after, limit }) {
      const { id, groupId, threadId } = await find(by, messageId)
      const first = await store.messages.read(threadId ?? id)
      const shown = first && !first.isDeleted && first.seq > after ? [first] : []
      const below = await store.messages.listThread({ id: threadId ?? id, groupId }, { after, limit })
      return [...shown, ...below].slice(0, limit)
    },
  }
}

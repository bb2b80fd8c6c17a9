import type { Change } from '../../domain/change.ts'
import { notFound } from '../../domain/errors.ts'
import type { Message } from '../../domain/message.ts'
import type { Written } from '../written.ts'
import type { Database } from './engine/database.ts'
import type { HeadCache } from './head-cache.ts'

/** Resolves to the message after a write, given the change that it logged. Throws what the write throws, not_found. */
export type MessageChanged = (id: string, logged: Promise<Change | null>) => Promise<Written<Message>>

interface Deps {
  database: Pick<Database, 'read'>
  heads: HeadCache
  readMessage(id: string): Message | null
}

/** The message is read when the change is durable, so that text that was deleted since is not told. */
export const createMessageChanged =
  ({ database: { read }, heads, readMessage }: Deps): MessageChanged =>
  async (id, logged) => {
    const change = await logged
    if (change) heads.raise(change.groupId, change)
    const value = read(() => readMessage(id))
    if (!value) throw notFound('message')
    return { value, changes: change ? [change] : [] }
  }

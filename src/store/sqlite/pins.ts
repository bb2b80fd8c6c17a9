import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { notFound } from '../../domain/errors.ts'
import type { Message } from '../../domain/message.ts'
import { requireRoomForPin } from '../../domain/pin.ts'
import type { PinStore } from '../pins.ts'
import type { LogChange } from './changes.ts'
import { firstNumber, firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { MemberReads } from './member-reads.ts'
import type { MessageChanged } from './message-changes.ts'

interface WriteDeps {
  memberReads: MemberReads
  logChange: LogChange
  findMessage(id: string): Message | null
}

/** The writes of pins. Each throws its ChatError before it writes anything. A trigger unpins a message that is deleted. */
export function createPinWrites(db: DatabaseSync, { memberReads, logChange, findMessage }: WriteDeps) {
  const sql = {
    count: query(db, 'SELECT count(*) FROM pins WHERE group_id = ?', firstNumber),
    insert: db.prepare('INSERT INTO pins (group_id, rev, message_id) VALUES (?, ?, ?)'),
    delete: db.prepare('DELETE FROM pins WHERE message_id = ?'),
    pinned: db.prepare('UPDATE messages SET pinned_at = ?, pin_rev = ? WHERE id = ?'),
  }

  /** The message, if `by` may pin and unpin it. */
  function find(id: string, by: Caller, at: number): Message {
    const message = findMessage(id)
    const membership = message && memberReads.membership(message.groupId, by.userId)
    if (!message || !membership) throw notFound('message')
    requireMay('pin', membership, by, at)
    if (message.isDeleted) throw notFound('message')
    return message
  }

  return {
    /** Returns what was logged, if anything. The message is read when that is durable. */
    'pins.add'(id: string, by: Caller, at: number): Change | null {
      const { groupId, seq: messageSeq, pinnedAt } = find(id, by, at)
      if (pinnedAt !== null) return null
      requireRoomForPin(sql.count.get(groupId) ?? 0)
      const data = { by: by.userId }
      const logged = logChange(groupId, { type: 'message_pinned', at, messageId: id, messageSeq, data })
      sql.insert.run(groupId, logged.rev, id)
      sql.pinned.run(at, logged.rev, id)
      return logged
    },

    /** Returns the same as pins.add. */
    'pins.remove'(id: string, by: Caller, at: number): Change | null {
      const { groupId, seq: messageSeq, pinnedAt } = find(id, by, at)
      if (pinnedAt === null) return null
      const logged = logChange(groupId, { type: 'message_unpinned', at, messageId: id, messageSeq })
      sql.delete.run(id)
      sql.pinned.run(null, logged.rev, id)
      return logged
    },
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createPinWrites>>
  readMessages(ids: readonly string[]): Message[]
  changed: MessageChanged
}

export function createPinStore({ db, database, readMessages, changed }: StoreDeps): PinStore {
  const { read, write } = database
  const pinned = query(db, 'SELECT message_id FROM pins WHERE group_id = ? ORDER BY rev DESC', firstText)
  return {
    add: (id, by, at) => changed(id, write('pins.add', id, by, at)),
    remove: (id, by, at) => changed(id, write('pins.remove', id, by, at)),
    list: async (groupId) =>
      read(() => {
        const ids = pinned.all(groupId)
        const messages = new Map(readMessages(ids).map((message) => [message.id, message]))
        return ids.flatMap((id) => messages.get(id) ?? [])
      }),
  }
}

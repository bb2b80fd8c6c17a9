import { ObjectId } from 'mongodb'
import type { Position } from '../../../domain/cursor.ts'
import type { LogStore } from '../../log.ts'
import { membersOf } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { isSame } from '../members.ts'
import type { StreamEvents } from './streams.ts'

const pageSize = 500
/** Groups that are read at the same time. */
const width = 16

interface Deps {
  connection: Connection
  logs: Pick<LogStore, 'readHead' | 'read'>
  openGroups(): Iterable<string>
  events: Pick<StreamEvents, 'message' | 'change' | 'group'>
}

/**
 * For servers without change streams: reads what is new in the groups that somebody listens to, from where
 * the last pass ended. Signals do not travel this way.
 */
export function createPoll({ connection, logs, openGroups, events }: Deps): () => Promise<void> {
  let known = new Map<string, { at: Position; members: string[] }>()

  async function read(groupId: string): Promise<void> {
    const before = known.get(groupId)
    const doc = await connection.groups.findOne({ _id: new ObjectId(groupId) })
    const members = doc ? membersOf(doc) : []
    if (!before) {
      const head = await logs.readHead(groupId)
      if (head) known.set(groupId, { at: head, members })
      return
    }
    if (!doc || !isSame(before.members, members)) events.group(groupId, !doc)
    const { messages, changes } = await logs.read(groupId, before.at, pageSize)
    messages.forEach(events.message)
    changes.forEach(events.change)
    const at = { seq: messages.at(-1)?.seq ?? before.at.seq, rev: changes.at(-1)?.rev ?? before.at.rev }
    known.set(groupId, { at, members })
  }

  return async function poll() {
    const open = [...openGroups()]
    const isOpen = new Set(open)
    known = new Map([...known].filter(([groupId]) => isOpen.has(groupId)))
    for (let i = 0; i < open.length; i += width) await Promise.all(open.slice(i, i + width).map(read))
  }
}

import type { ChatEvent } from '../../../src/client/types.ts'
import type { Notice } from './types.ts'

/** Quiet lines about what happened in groups, apart from messages. They are kept while the page is open. */
export interface Notices {
  of(groupId: string): readonly Notice[]
  /** True when there is a new one. `afterSeq`: the group's last message now. */
  receive(event: ChatEvent, afterSeq: number): boolean
}

interface Deps {
  now(): number
  ownId(): string
  /** How a user is called, whom an event names by the id alone; undefined where that is not known. */
  nameOf(groupId: string, userId: string): string | undefined
}

const mostOfGroup = 200

export function createNotices({ now, ownId, nameOf }: Deps): Notices {
  const notices = new Map<string, readonly Notice[]>()
  let lastId = 0

  function textOf(event: ChatEvent): string | null {
    const { type, group_id: groupId = '', display_name: name, member } = event
    const by =
      typeof event.by === 'string' && event.by !== event.user_id ? nameOf(groupId, event.by) : undefined
    if (type === 'member_added') return `${member.display_name} joined`
    if (type === 'member_banned') return `${name} was banned`
    if (type !== 'member_removed') return null
    if (event.by === event.user_id || event.by === null) return `${name} left`
    return by === undefined ? `${name} was removed` : `${name} was removed by ${by}`
  }

  return {
    of: (groupId) => notices.get(groupId) ?? none,
    receive(event, afterSeq) {
      const text = event.user_id === ownId() ? null : textOf(event)
      if (text === null || event.group_id === undefined) return false
      const before = notices.get(event.group_id) ?? none
      const notice: Notice = { id: ++lastId, afterSeq, at: now(), text }
      notices.set(event.group_id, [...before.slice(1 - mostOfGroup), notice])
      return true
    },
  }
}

const none: readonly Notice[] = []

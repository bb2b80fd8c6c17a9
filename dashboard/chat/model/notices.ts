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
  /** Before the event. */
  roleOf(groupId: string, userId: string): string | undefined
  titleOf(groupId: string): string | null | undefined
}

const mostOfGroup = 200
const none: readonly Notice[] = []

export function createNotices({ now, ownId, nameOf, roleOf, titleOf }: Deps): Notices {
  const notices = new Map<string, readonly Notice[]>()
  let lastId = 0

  function textOf(groupId: string, event: ChatEvent): string | null {
    const { type, user_id, display_name: name, by, member, group } = event
    if (type === 'member_added') return `${member.display_name} joined`
    if (type === 'member_banned') return `${name} was banned`
    if (type === 'member_removed') {
      if (by === user_id || by === null) return `${name} left`
      const remover = nameOf(groupId, by)
      return remover === undefined ? `${name} was removed` : `${name} was removed by ${remover}`
    }
    if (type === 'member_updated') {
      const before = roleOf(groupId, member.user_id)
      if (before === undefined || before === member.role) return null
      const who = member.user_id === ownId() ? 'You are' : `${member.display_name} is`
      return `${who} now ${roleNames[member.role as keyof typeof roleNames]}`
    }
    if (type === 'group_updated') {
      const before = titleOf(groupId)
      return before && group.name && before !== group.name ? `The group is now called ${group.name}` : null
    }
    return null
  }

  return {
    of: (groupId) => notices.get(groupId) ?? none,

    receive(event, afterSeq) {
      const { group_id: id } = event
      if (id === undefined || event.user_id === ownId()) return false
      const text = textOf(id, event)
      if (text === null) return false
      const before = notices.get(id) ?? none
      // A ban of a member is told as a removal first, and is one thing.
      const isSame =
        event.type === 'member_banned' && before.at(-1)?.text.startsWith(`${event.display_name} was`)
      const kept = isSame ? before.slice(0, -1) : before.slice(1 - mostOfGroup)
      notices.set(id, [...kept, { id: ++lastId, afterSeq, at: now(), text }])
      return true
    },
  }
}

const roleNames = { owner: 'an owner', admin: 'an admin', member: 'a member' }

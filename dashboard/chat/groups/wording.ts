import type { Group, Message, Person } from '../../../src/client/types.ts'

export const nameOf = (group: Pick<Group, 'kind' | 'name'>, partner: Person | null): string =>
  (group.kind === 'direct' ? (partner?.display_name ?? group.name) : group.name) ?? 'Direct chat'

/** What a screen reader calls the group's link: `general, 3 unread`. */
export const linkName = (name: string, unread: number): string =>
  unread > 0 ? `${name}, ${unread} unread` : name

/** A message in one line, with who wrote it. */
export function preview(message: Message | null, ownId: string, isDirect: boolean): string {
  if (!message) return ''
  const { sender_id, sender, content, attachments, is_deleted } = message
  const files = attachments.map(({ name }) => name).join(', ')
  const text = is_deleted ? 'deleted' : content.replace(/\s+/g, ' ').trim().slice(0, 120) || files
  if (sender_id === ownId) return `You: ${text}`
  return isDirect ? text : `${sender.display_name}: ${text}`
}

/** The time of today, the day of this week, else the date. */
export function shortTime(time: string | null, now: Date): string {
  if (time === null) return ''
  const at = new Date(time)
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
  if (at.getTime() >= midnight) return at.toLocaleTimeString(undefined, { timeStyle: 'short' })
  if (midnight - at.getTime() < 6 * 86_400_000) return at.toLocaleDateString('en', { weekday: 'short' })
  return at.toLocaleDateString('en', { day: 'numeric', month: 'short' })
}

export const counted = (count: number, one: string, more: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : more}`

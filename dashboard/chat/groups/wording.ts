import type { Group, Message, Person } from '../../../src/client/types.ts'
import { startOfDay, timeOfDay } from '../timeline/days.ts'

export const nameOf = (group: Pick<Group, 'kind' | 'name'>, partner: Person | null): string =>
  (group.kind === 'direct' ? (partner?.display_name ?? group.name) : group.name) ?? 'Direct chat'

/** What follows the name of a group where it is read aloud: `general, 3 unread`. */
export const unreadText = (unread: number): string => (unread > 0 ? `, ${unread} unread` : '')

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
export function shortTime(time: string | null, now: number): string {
  if (time === null) return ''
  const at = Date.parse(time)
  const midnight = startOfDay(now)
  if (at >= midnight) return timeOfDay(at)
  const isThisWeek = midnight - at < 6 * 86_400_000
  return new Date(at).toLocaleDateString(
    'en-GB',
    isThisWeek ? { weekday: 'short' } : { day: 'numeric', month: 'short' },
  )
}

/** When it was written, for what lies far back as well. */
export const longTime = (time: string): string =>
  `${new Date(time).toLocaleDateString('en-GB', { dateStyle: 'medium' })}, ${timeOfDay(Date.parse(time))}`

export const counted = (count: number, one: string, more: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : more}`

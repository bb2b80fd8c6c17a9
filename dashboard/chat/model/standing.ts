import type { Group, Message } from '../../../src/client/types.ts'
import type { Totals } from './types.ts'

const calls = ({ mentions, mention_all }: Message, ownId: string): boolean =>
  mention_all || mentions.includes(ownId)

/** The group after a new message. One that it has counted already changes nothing. */
export function withMessage(group: Group, message: Message, ownId: string): Group {
  if (message.seq <= group.seq) return group
  const { seq, created_at: last_message_at } = message
  const next: Group = { ...group, seq, last_message_at, last_message: message }
  // Who sends has read all up to their own message, and for a guest all is read.
  if (message.sender_id === ownId || group.role === null) return withRead(next, seq)
  return {
    ...next,
    unread_count: group.unread_count + 1,
    mention_count: group.mention_count + Number(calls(message, ownId)),
  }
}

/** The group after a changed message, where that is its last one. */
export const withChange = (group: Group, message: Message): Group =>
  group.last_message?.id === message.id && group.last_message.ver < message.ver
    ? { ...group, last_message: message }
    : group

/** The group after a deletion. Who sends has read all up to their own message, so what is unread is another's. */
export function withDeleted(group: Group, id: string, seq: number): Group {
  const isUnread = seq > group.read_seq && seq <= group.seq && group.unread_count > 0
  const { last_message: last } = group
  const isLast = last?.id === id && last?.is_deleted === false
  if (!isUnread && !isLast) return group
  return {
    ...group,
    ...(isUnread && { unread_count: group.unread_count - 1 }),
    ...(isLast && { last_message: { ...last, is_deleted: true, content: '', attachments: [] } }),
  }
}

/** The group once all up to `seq` is read. How much is unread behind that is known only where that is nothing. */
export function withRead(group: Group, seq: number): Group {
  if (seq < group.read_seq) return group
  const isAll = seq >= group.seq
  return { ...group, read_seq: seq, ...(isAll && { unread_count: 0, mention_count: 0 }) }
}

/**
 * What was fetched, with the messages that were heard since it was asked for, and with what this client has read and the service
 * may not have known yet.
 */
export function withFetched(
  known: Group | undefined,
  fetched: Group,
  heard: readonly Message[],
  ownId: string,
): Group {
  const { notify, pinned, hidden } = known ?? {
    notify: fetched.kind === 'direct' ? 'all' : 'mentions',
    pinned: false,
    hidden: false,
  }
  // The list tells how the user sees a group, and the group by itself does not.
  const seen: Partial<Group> = { notify, pinned, hidden }
  const whole: Group = { ...seen, ...fetched }
  const counted = heard.reduce((group, message) => withMessage(group, message, ownId), whole)
  return known && known.read_seq > counted.read_seq
    ? {
        ...withRead(counted, known.read_seq),
        ...(known.read_seq < counted.seq && {
          unread_count: Math.min(known.unread_count, counted.unread_count),
          mention_count: Math.min(known.mention_count, counted.mention_count),
        }),
      }
    : counted
}

/** How much is unread behind this seq, where all messages behind it are given. */
export function unreadBehind(
  messages: readonly Message[],
  seq: number,
  ownId: string,
): Pick<Group, 'unread_count' | 'mention_count'> {
  let [unread_count, mention_count] = [0, 0]
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i] as Message
    if (message.seq <= seq) break
    if (message.sender_id === ownId || message.is_deleted) continue
    unread_count++
    if (calls(message, ownId)) mention_count++
  }
  return { unread_count, mention_count }
}

/** Pinned ones first, then the latest activity. */
export function inOrder(one: Group, other: Group): number {
  if (one.pinned !== other.pinned) return one.pinned ? -1 : 1
  const [a, b] = [activityOf(one), activityOf(other)]
  if (a !== b) return a > b ? -1 : 1
  return one.id < other.id ? -1 : 1
}

const activityOf = ({ last_message_at, created_at }: Group): string => last_message_at ?? created_at

export function totalsOf(groups: readonly Group[]): Totals {
  let unread = 0
  let mentions = 0
  for (const group of groups) {
    if (group.notify === 'none') continue
    unread += group.unread_count
    mentions += group.mention_count
  }
  return { unread, mentions }
}

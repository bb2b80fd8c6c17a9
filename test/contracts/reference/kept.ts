import type { Deed } from '../../../src/domain/audit.ts'
import type { Ban } from '../../../src/domain/ban.ts'
import type { Change, Head } from '../../../src/domain/change.ts'
import { notFound } from '../../../src/domain/errors.ts'
import type { StoredFile } from '../../../src/domain/file.ts'
import type { Group, GroupWithMembers } from '../../../src/domain/group.ts'
import type { Invite } from '../../../src/domain/invite.ts'
import type { Member, Membership } from '../../../src/domain/member.ts'
import { type Message, shown } from '../../../src/domain/message.ts'
import type { Chosen } from '../../../src/domain/preference.ts'
import type { ReactionOf } from '../../../src/domain/reaction.ts'
import type { KnownMark } from '../../../src/domain/read.ts'
import type { Report } from '../../../src/domain/report.ts'
import type { Replaced } from '../../../src/domain/revision.ts'
import type { HourOfUploads } from '../../../src/domain/upload-quota.ts'

/** A group with all that belongs to it. */
export interface Kept {
  group: GroupWithMembers
  /** By user id. */
  members: Map<string, Member>
  /** By user id, whether they are members or not. */
  mutes: Map<string, number>
  /** By user id, in the order in which they were made. */
  bans: Map<string, Ban>
  /** By user id; a member without one has read nothing. */
  reads: Map<string, KnownMark>
  messages: Message[]
  /** By message, in the order in which they came. */
  reactions: Map<string, ReactionOf[]>
  /** What messages said before, by message, in the order of the edits. */
  replaced: Map<string, Replaced[]>
  /** Oldest first. */
  invites: Invite[]
  /** By user. */
  chosen: Map<string, Chosen>
  /** What deleted messages said, and since when they are deleted. */
  texts: Map<string, { message: Message; at: number }>
  hashes: Map<string, string | null>
  changes: Change[]
  trimmed: number
  /** All messages up to this one were too old. */
  cleared: number
}

/** A file with its state. */
export interface KeptFile {
  file: StoredFile
  messageId: string | null
  gone: boolean
}

/** The contents of a reference store, which its nouns share. */
export interface Contents {
  readonly groups: Map<string, Kept>
  /** In the order in which they were recorded. */
  readonly deeds: Deed[]
  readonly reports: Map<string, Report>
  /** Ids of reports that nobody was told of. */
  readonly untold: Set<string>
  /** By id. */
  readonly files: Map<string, KeptFile>
  /** By user. */
  readonly uploads: Map<string, HourOfUploads[]>
  /** Makes the files of these messages gone. */
  dropFiles(messageIds: readonly string[]): void
  /** By user, whom they have blocked, and since when. */
  readonly blocks: Map<string, Map<string, number>>
  readonly names: Map<string, { incarnation: number; groupId: string | null }>
  /** Removes a group. */
  end(id: string): void
  all(): Kept[]
  membership(id: string, userId: string): Membership | null
  /** Throws not_found. */
  need(id: string): Kept
  findMessage(id: string): Message | undefined
}

export function createContents(): Contents {
  const groups = new Map<string, Kept>()
  const names: Contents['names'] = new Map()
  const blocks: Contents['blocks'] = new Map()
  const files: Contents['files'] = new Map()
  const all = () => [...groups.values()]
  return {
    groups,
    deeds: [],
    reports: new Map(),
    untold: new Set(),
    names,
    blocks,
    files,
    uploads: new Map(),
    dropFiles(messageIds) {
      for (const each of files.values()) if (messageIds.includes(each.messageId ?? '')) each.gone = true
    },
    end(id) {
      for (const each of files.values()) if (each.file.groupId === id) each.gone = true
      groups.delete(id)
      for (const [name, { incarnation, groupId }] of names)
        if (groupId === id) names.set(name, { incarnation: incarnation + 1, groupId: null })
    },
    all,
    membership(id, userId) {
      const kept = groups.get(id)
      if (!kept) return null
      const membership = { group: withoutMembers(kept.group), ...standingIn(kept, userId) }
      const isBlocked =
        kept.group.kind === 'direct' &&
        [...kept.members.keys()].some((other) => blocks.get(other)?.has(userId))
      return isBlocked ? { ...membership, isBlocked } : membership
    },
    need(id) {
      const kept = groups.get(id)
      if (!kept) throw notFound('group')
      return kept
    },
    findMessage: (id) =>
      all()
        .flatMap((kept) => kept.messages)
        .find((message) => message.id === id),
  }
}

export function standingIn({ members, mutes, bans }: Kept, userId: string): Omit<Membership, 'group'> {
  const mutedUntil = mutes.get(userId) ?? null
  const member = members.get(userId)
  const ban = bans.get(userId)
  return {
    member: member ? { ...member, mutedUntil } : null,
    mutedUntil,
    ban: ban ? { until: ban.until } : null,
  }
}

export function withoutMembers({ authorizedUserIds: _, ...group }: GroupWithMembers): Group {
  return group
}

export const headOf = ({ messages, changes, trimmed }: Kept): Head => ({
  seq: messages.length,
  rev: trimmed + changes.length,
  deleted: messages.filter((message) => message.isDeleted).length,
})

/** Shows a direct chat again to those who had hidden it. */
export function showChat({ chosen }: Kept): string[] {
  const hiding = [...chosen].filter(([, { hidden }]) => hidden)
  for (const [userId, before] of hiding) chosen.set(userId, { ...before, hidden: false })
  return hiding.map(([userId]) => userId)
}

/** Appends to the group's log of changes. */
export function logChange(kept: Kept, entry: Pick<Change, 'type' | 'at'> & Partial<Change>): Change {
  const head = headOf(kept)
  const change = { groupId: kept.group.id, data: {}, ...entry, ...head, rev: head.rev + 1 }
  kept.changes.push(change)
  return change
}

/** Counts an answer where what it answers has their number. */
export function countAnswer({ need, findMessage }: Contents, { replyTo }: Message, by: number): void {
  const answered = replyTo === null ? undefined : findMessage(replyTo)
  if (!answered) return
  const { messages } = need(answered.groupId)
  messages[answered.seq - 1] = { ...answered, replyCount: answered.replyCount + by }
}

/** Wipes a message for good, and deletes it. False when it was deleted already. */
export function removeMessage(contents: Contents, { id }: Message, at: number): boolean {
  const message = contents.findMessage(id)
  if (!message) return false
  const { messages, texts, replaced, reactions } = contents.need(message.groupId)
  contents.dropFiles([id])
  for (const about of [texts, replaced, reactions]) about.delete(id)
  if (message.isDeleted) return false
  messages[message.seq - 1] = shown({ ...message, isDeleted: true, updatedAt: at, ver: message.ver + 1 })
  countAnswer(contents, message, -1)
  return true
}

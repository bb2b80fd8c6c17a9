import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Caller } from '../../src/domain/caller.ts'
import type { Change } from '../../src/domain/change.ts'
import { ChatError, type ErrorCode } from '../../src/domain/errors.ts'
import type { StoredFile } from '../../src/domain/file.ts'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Member } from '../../src/domain/member.ts'
import { type Message, type Send, textOnly } from '../../src/domain/message.ts'
import { neverPinned } from '../../src/domain/pin.ts'
import { noReactions } from '../../src/domain/reaction.ts'
import type { Store } from '../../src/store/store.ts'

/** 1 January 2026, the time of all samples. */
export const t0 = Date.UTC(2026, 0, 1)

/** How many members a group of the stores under contract may have, fewer than a service's own setting. */
export const mostMembers = 2_500

export const newId = (): string => randomBytes(12).toString('hex')

export const user = (userId: string): Caller => ({ userId, admin: false })

export const admin: Caller = { userId: 'the-auth-api', admin: true }

/** first, first + 1, ..., last. */
export const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** A check for assert.rejects: the error is a ChatError with this code and a message fit to show. */
export const failsWith =
  (code: ErrorCode) =>
  (error: unknown): true => {
    assert.ok(error instanceof ChatError, `expected a ChatError, got ${error}`)
    assert.equal(error.code, code)
    assert.notEqual(error.message, '')
    return true
  }

/** A group's `members`, by default nobody, and its `owner`, by default `olga`, who is a member only if listed. */
export type GroupSample = { members?: readonly string[]; owner?: string | null } & Partial<GroupWithMembers>

/** A group that is in no store yet. */
export const newGroup = ({ members = [], owner = 'olga', ...rest }: GroupSample = {}): GroupWithMembers => ({
  id: newId(),
  number: null,
  kind: 'group',
  name: 'Friends',
  description: 'who meet on Fridays',
  visibility: 'private',
  postPolicy: 'everyone',
  metadata: {},
  avatarUrl: null,
  retentionDays: null,
  authorizedUserIds: members,
  ownerIds: owner === null ? [] : [owner],
  createdAt: t0,
  updatedAt: t0,
  ...rest,
})

/** A group as SQLite's own row has it, of `ann` and so many others. */
export const aGroupRow = (memberCount: number, over: GroupSample = {}) => {
  const { authorizedUserIds: _, ...row } = newGroup({ owner: 'ann', description: '', ...over })
  return { ...row, memberCount }
}

/** Makes a group like `newGroup` in the store, which gives it its number. */
export async function aGroup(store: Store, sample: GroupSample = {}): Promise<GroupWithMembers> {
  return (await store.groups.create(newGroup(sample))).value
}

/** A member of whom nothing is recorded but that they joined at `t0`. */
export const aMember = (userId: string, over: Partial<Member> = {}): Member => ({
  userId,
  role: 'member',
  joinedAt: t0,
  mutedUntil: null,
  ...over,
})

/** A send by the group's first member, unless `over` says otherwise. */
export const aSend = (group: GroupWithMembers, over: Partial<Send> = {}): Send => ({
  id: newId(),
  groupId: group.id,
  senderId: group.authorizedUserIds[0] ?? 'nobody',
  content: 'hello',
  createdAt: t0,
  clientId: null,
  ...textOnly,
  sendHash: null,
  ...over,
})

/** A message as a store answers it, just sent by `ann`. */
export const aMessage = (over: Partial<Message> = {}): Message => ({
  id: newId(),
  groupId: 'a'.repeat(24),
  senderId: 'ann',
  content: 'hello',
  createdAt: t0,
  updatedAt: t0,
  isDeleted: false,
  seq: 1,
  ver: 1,
  editedAt: null,
  clientId: null,
  ...textOnly,
  reactions: noReactions,
  replyCount: 0,
  ...neverPinned,
  deletedBy: null,
  ...over,
})

/** A file of the group that its first member uploaded, and that is in no store yet. */
export const aFile = (group: GroupWithMembers, over: Partial<StoredFile> = {}): StoredFile => ({
  id: newId(),
  groupId: group.id,
  name: 'menu.png',
  type: 'image/png',
  size: 100,
  sha256: 'a'.repeat(64),
  width: 2,
  height: 1,
  createdAt: t0,
  uploadedBy: group.authorizedUserIds[0] ?? 'nobody',
  ...over,
})

/** An entry of a group's log of changes. */
export const aChange = (type: string, over: Partial<Change> = {}): Change => ({
  groupId: 'a'.repeat(24),
  rev: 1,
  type,
  seq: 0,
  deleted: 0,
  at: t0,
  data: {},
  ...over,
})

/** Sends `count` messages one after the other, as the group's first member. In a new group their seqs are 1..count. */
export async function history(store: Store, group: GroupWithMembers, count: number): Promise<Message[]> {
  const messages: Message[] = []
  for (const n of numbers(1, count)) {
    const send = aSend(group, { content: `message ${n}`, createdAt: t0 + n })
    messages.push((await store.messages.append(send, user(send.senderId))).value)
  }
  return messages
}

/** Deletes those messages, each as its sender. */
export async function erase(store: Store, messages: readonly (Message | undefined)[]): Promise<void> {
  for (const message of messages) {
    assert.ok(message)
    await store.messages.delete(message.id, user(message.senderId), t0 + 1_000)
  }
}

export const seqs = (messages: readonly Message[]): number[] => messages.map((message) => message.seq)

/** A user of whom no more is known than the id, as events name them. */
export const namedUser = (userId: string) => ({ user_id: userId, username: userId, display_name: userId })

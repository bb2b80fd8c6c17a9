import { type Static, type TObject, type TSchema, Type } from 'typebox'
import type { Change } from './change.ts'
import { type DurableEvent, deletedEvent } from './events.ts'
import { type Folding, foldingIntoLast, foldingReactions } from './folding.ts'
import type { GroupSummary } from './group.ts'
import { type Member, Role } from './member.ts'
import type { Message } from './message.ts'
import { ReactionChange } from './reaction.ts'
import { isValid } from './validate.ts'

/** The things that a change is about, in their present form: an entry of the log refers to them and does not hold them. */
export interface Subjects {
  readonly message?: Message
  readonly group?: GroupSummary
}

/** One type of entry. */
interface ChangeKind<Data extends TObject = TObject> {
  readonly data: Data
  /** What has to be read before its event can be told. */
  readonly subject: keyof Subjects | null
  /** The user who may hear the group from this entry on. */
  gains?(data: Static<Data>): string
  /** The user who may not hear the group after this entry. */
  loses?(data: Static<Data>): string
  /** True when guests may not hear the group after this event, whatever they were before. */
  shutsOutGuests?(event: DurableEvent): boolean
  /** Entries of this type are never told by an event. */
  readonly isSilent?: true
  /** null when there is nothing to tell: a later entry tells a later state, or the change's subject is gone. */
  event(change: Change, data: Static<Data>, subjects: Subjects): DurableEvent | null
  /**
   * What of a message the entry is about. To a reader that was away one event of each is told, by the last entry that is about it, and
   * `end` alone where that comes last: of a message that is gone nothing else is told.
   */
  readonly aspect?: Aspect
  /** Set for types of which several entries about one message, or about none, are told as one, by the last of them. */
  readonly folding?: Folding
}

type Aspect = 'content' | 'end' | 'pin' | 'reactions'

const kind = <Data extends TObject>(of: ChangeKind<Data>): ChangeKind<Data> => of

const Nothing = Type.Object({})
/** A user id as the log has it. A member added by hand in the database may have any name, so its shape is not checked. */
const OneUser = Type.Object({ user_id: Type.String() })

const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** Who did it; absent in entries of the version before, and null for somebody who edited the database. */
const By = Type.Optional(OrNull(Type.String()))

/** A member as the entry leaves them. An entry of the version before, or of a hand edit, has the user alone. */
const OneMember = Type.Object({
  user_id: Type.String(),
  role: Type.Optional(Role),
  joined_at: Type.Optional(Type.Integer()),
  muted_until: Type.Optional(OrNull(Type.Integer())),
})

const memberIn = ({ at }: Change, data: Static<typeof OneMember>): Member => ({
  userId: data.user_id,
  role: data.role ?? 'member',
  joinedAt: data.joined_at ?? at,
  mutedUntil: data.muted_until ?? null,
})

/** What the log keeps of a member. */
export const memberData = ({ userId, role, joinedAt, mutedUntil }: Member): Static<typeof OneMember> => ({
  user_id: userId,
  role,
  joined_at: joinedAt,
  muted_until: mutedUntil,
})

/** An edit is told in the message's present form, by the last of its entries. */
const ofMessage = <Data extends TObject>(aspect: 'content' | 'end', data: Data) =>
  kind({
    data,
    subject: 'message',
    aspect,
    event(change, _, { message }) {
      if (!message || message.ver > (change.ver ?? 0)) return null
      if (message.isDeleted) return deletedEvent(message)
      return { type: 'message_updated', groupId: change.groupId, message }
    },
  })

/** A pin that came or went is told by the last of its entries. A message that is deleted, or was, is not pinned: that says it. */
function isPinLeft(change: Change, message: Message | undefined, isPinned: boolean): message is Message {
  return (
    message !== undefined &&
    !message.isDeleted &&
    message.pinRev <= change.rev &&
    (message.pinnedAt !== null) === isPinned
  )
}

/**
 * The catalogue of what can happen to a group: a new type is an entry here, and an event in the words of each API. Hub, replay
 * and stores know no type.
 */
export const changeKinds = {
  message_updated: ofMessage('content', Nothing),
  /** Entries of versions before this one don't say who deleted it. */
  message_deleted: ofMessage('end', Type.Object({ by: Type.Optional(Type.String()) })),

  message_pinned: kind({
    data: Type.Object({ by: Type.String() }),
    subject: 'message',
    aspect: 'pin',
    event: (change, { by }, { message }) =>
      isPinLeft(change, message, true)
        ? { type: 'message_pinned', groupId: change.groupId, messageId: message.id, by }
        : null,
  }),

  message_unpinned: kind({
    data: Nothing,
    subject: 'message',
    aspect: 'pin',
    event: (change, _, { message }) =>
      isPinLeft(change, message, false)
        ? { type: 'message_unpinned', groupId: change.groupId, messageId: message.id }
        : null,
  }),

  member_added: kind({
    data: OneMember,
    subject: null,
    gains: ({ user_id }) => user_id,
    event: (change, data) => ({
      type: 'member_added',
      groupId: change.groupId,
      member: memberIn(change, data),
    }),
  }),

  /** Role or mute. */
  member_updated: kind({
    data: OneMember,
    subject: null,
    event: (change, data) => ({
      type: 'member_updated',
      groupId: change.groupId,
      member: memberIn(change, data),
    }),
  }),

  /** The user left, or was removed. */
  member_removed: kind({
    data: Type.Object({ ...OneUser.properties, by: By }),
    subject: null,
    loses: ({ user_id }) => user_id,
    event: ({ groupId }, { user_id, by }) => ({
      type: 'member_removed',
      groupId,
      userId: user_id,
      by: by ?? null,
    }),
  }),

  /** If the user was a member, an entry before this one tells that they were removed. */
  member_banned: kind({
    data: OneUser,
    subject: null,
    loses: ({ user_id }) => user_id,
    event: ({ groupId }, { user_id }) => ({ type: 'member_banned', groupId, userId: user_id }),
  }),

  /** The reactions are told in their present form, with what changed. */
  reactions: kind({
    data: ReactionChange,
    subject: 'message',
    aspect: 'reactions',
    folding: foldingReactions,
    event({ groupId }, data, { message }) {
      if (!message || message.isDeleted) return null
      const { id: messageId, reactions } = message
      return { type: 'reactions', groupId, messageId, reactions, changed: [data] }
    },
  }),

  /** All messages up to one are gone, because they were too old: no entry tells of each. */
  history_cleared: kind({
    // Those after `after_seq` went by this entry, those before by earlier ones.
    data: Type.Object({ after_seq: Type.Integer(), up_to_seq: Type.Integer() }),
    subject: null,
    folding: foldingIntoLast,
    event: ({ groupId }, { up_to_seq }) => ({ type: 'history_cleared', groupId, upToSeq: up_to_seq }),
  }),

  /** Their sender was erased. */
  messages_erased: kind({
    data: Type.Object({ message_ids: Type.Array(Type.String()) }),
    subject: null,
    event: ({ groupId }, { message_ids }) => ({ type: 'messages_erased', groupId, messageIds: message_ids }),
  }),

  group_updated: kind({
    data: Nothing,
    subject: 'group',
    shutsOutGuests: (event) => event.type === 'group_updated' && event.group.visibility !== 'open',
    event: ({ groupId }, _, { group }) => (group ? { type: 'group_updated', groupId, group } : null),
  }),

  /** Messages of the old service got their numbers. Those messages tell of it, and no event does. */
  adopted: kind({ data: Nothing, subject: null, isSilent: true, event: () => null }),
} as const

export type ChangeType = keyof typeof changeKinds

/**
 * null for a type that only a newer version knows, and for data that does not fit the type. Such an entry keeps its
 * number, and nothing is told of it.
 */
function kindOf({ type, data }: Change): ChangeKind | null {
  if (!Object.hasOwn(changeKinds, type)) return null
  const found = changeKinds[type as ChangeType] as ChangeKind
  return isValid(found.data, data) ? found : null
}

/** False for an entry that no event will ever tell. */
export function isTold(change: Change): boolean {
  const found = kindOf(change)
  return found !== null && !found.isSilent
}

/** What of its message the change is about; null where each such change is told. */
export const aspectOf = (change: Change): Aspect | null => kindOf(change)?.aspect ?? null

/** What has to be read with the change. */
export const subjectOf = (change: Change): keyof Subjects | null => kindOf(change)?.subject ?? null

/** True when `subjects` has all that `changeEvent` needs. */
export function hasSubject(change: Change, subjects: Subjects): boolean {
  const subject = subjectOf(change)
  return subject === null || subjects[subject] !== undefined
}

/** The event of a change, given what it is about. null when there is nothing to tell. */
export const changeEvent = (change: Change, subjects: Subjects): DurableEvent | null =>
  kindOf(change)?.event(change, change.data as never, subjects) ?? null

/** The user who gained access by this change; null for most changes. */
export const gainsAccess = (change: Change): string | null =>
  kindOf(change)?.gains?.(change.data as never) ?? null

/** The user who lost access by this change; null for most changes. */
export const losesAccess = (change: Change): string | null =>
  kindOf(change)?.loses?.(change.data as never) ?? null

/** True when those who are no members may not hear the group after this event. */
export const shutsOutGuests = (event: DurableEvent): boolean =>
  Object.hasOwn(changeKinds, event.type) &&
  (changeKinds[event.type as ChangeType] as ChangeKind).shutsOutGuests?.(event) === true

/** True when it takes the change's subject to say whether guests may hear the group after it. */
export const mayShutOutGuests = (change: Change): boolean => kindOf(change)?.shutsOutGuests !== undefined

/** True when the change tells that the user became a member, or ceased to be one. */
export const isOfMember = (change: Change, userId: string): boolean =>
  gainsAccess(change) === userId || losesAccess(change) === userId

/** A key that is the same for entries that are told as one; null for an entry that is told by itself. */
export const foldKey = (change: Change): string | null =>
  kindOf(change)?.folding ? `${change.type} ${change.messageId ?? ''}` : null

/** Makes one event of several whose entries have the same fold key. `last` is the last of them. */
export function foldEvents(events: readonly DurableEvent[], last: DurableEvent): DurableEvent {
  const { folding } = changeKinds[last.type as ChangeType] as ChangeKind
  return folding?.merge(events, last) ?? last
}

/** The same as `changeEvent`, for a reader that was away: what changed often is told once, by the last of its entries. */
export function replayedEvent(change: Change, subjects: Subjects): DurableEvent | null {
  const event = changeEvent(change, subjects)
  const folding = kindOf(change)?.folding
  return event && folding ? folding.replayed(change, event) : event
}

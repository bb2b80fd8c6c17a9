import { type TSchema, Type } from 'typebox'
import type { Subscription } from '../../chat/live.ts'
import type { DurableEvent, GroupEvent, PassingEvent } from '../../domain/events.ts'
import { GroupView, groupView } from '../../domain/group.ts'
import { MemberView, memberView } from '../../domain/member.ts'
import { MessageView, messageView } from '../../domain/message.ts'
import { namedUser, namesOf, type PersonOf } from '../../domain/person.ts'
import { preferencesView } from '../../domain/preference.ts'
import { ReactionChange, ReactionView, reactionViews } from '../../domain/reaction.ts'
import { standingView } from '../../domain/read.ts'
import { Id } from '../../domain/text.ts'
import { readFrame } from '../../ws/frames.ts'
import type { Words } from '../../ws/words.ts'
import { createFrames } from './frames.ts'

/** The events of this API, in its own words: snake_case, with the type first. */

/** What showing an event takes: what the paths of the API begin with, and what people are called. */
interface Showing {
  readonly prefix: string
  readonly personOf: PersonOf
}

/** One durable event: its shape, and how it is told. What a client is told and what the documentation says come from here. */
interface Told<Type extends DurableEvent['type']> {
  readonly fields: Readonly<Record<string, TSchema>>
  write(event: Extract<DurableEvent, { type: Type }>, showing: Showing): Record<string, unknown>
}

const durable: { readonly [Type in DurableEvent['type']]: Told<Type> } = {
  new_message: {
    fields: { message: MessageView },
    write: ({ message }, { prefix, personOf }) => ({ message: messageView(message, prefix, personOf) }),
  },
  message_updated: {
    fields: { message: MessageView },
    write: ({ message }, { prefix, personOf }) => ({ message: messageView(message, prefix, personOf) }),
  },
  message_deleted: {
    fields: { message_id: Id, seq: Type.Integer({ minimum: 1 }), by: Type.Optional(Type.String()) },
    write: ({ messageId, seq, by }) => ({ message_id: messageId, seq, ...(by !== undefined && { by }) }),
  },
  reactions: {
    fields: {
      message_id: Id,
      reactions: Type.Array(ReactionView),
      changed: Type.Optional(Type.Array(ReactionChange)),
    },
    write: ({ messageId, reactions, changed }) => ({
      message_id: messageId,
      reactions: reactionViews(reactions),
      ...(changed && { changed }),
    }),
  },
  message_pinned: {
    fields: { message_id: Id, by: Type.String() },
    write: ({ messageId, by }) => ({ message_id: messageId, by }),
  },
  message_unpinned: {
    fields: { message_id: Id },
    write: ({ messageId }) => ({ message_id: messageId }),
  },
  member_added: {
    // Clients of the time before there were roles know the user's id alone.
    fields: { user_id: Type.String(), member: MemberView },
    write: ({ member }, { personOf }) => ({ user_id: member.userId, member: memberView(member, personOf) }),
  },
  member_updated: {
    fields: { member: MemberView },
    write: ({ member }, { personOf }) => ({ member: memberView(member, personOf) }),
  },
  member_removed: {
    fields: { ...namedUser, by: Type.Union([Type.String(), Type.Null()]) },
    write: ({ userId, by }, { personOf }) => ({ ...namesOf(personOf, userId), by }),
  },
  history_cleared: {
    fields: { up_to_seq: Type.Integer({ minimum: 1 }) },
    write: ({ upToSeq }) => ({ up_to_seq: upToSeq }),
  },
  messages_erased: {
    fields: { message_ids: Type.Array(Id) },
    write: ({ messageIds }) => ({ message_ids: [...messageIds] }),
  },
  member_banned: {
    fields: namedUser,
    write: ({ userId }, { personOf }) => namesOf(personOf, userId),
  },
  group_updated: {
    fields: { group: GroupView },
    write: ({ group }) => ({ group: groupView(group) }),
  },
}

const passing: {
  readonly [Type in PassingEvent['type']]: (
    event: Extract<PassingEvent, { type: Type }>,
    showing: Showing,
  ) => Record<string, unknown>
} = {
  user_joined: ({ userId, connectionCount }, { personOf }) => ({
    ...namesOf(personOf, userId),
    connection_count: connectionCount,
  }),
  user_left: ({ userId, connectionCount }, { personOf }) => ({
    ...namesOf(personOf, userId),
    connection_count: connectionCount,
  }),
  presence: ({ connectionCount, joined, left, joinedCount, leftCount }) => ({
    connection_count: connectionCount,
    joined,
    left,
    joined_count: joinedCount,
    left_count: leftCount,
  }),
  // Clients of the service that this one replaces read the state as `content`, which is how they send it.
  typing: ({ userId, state }, { personOf }) => ({ ...namesOf(personOf, userId), state, content: state }),
  read: ({ userId, seq }, { personOf }) => ({ ...namesOf(personOf, userId), seq }),
  group_deleted: () => ({}),
}

type Write = (event: GroupEvent, showing: Showing) => Record<string, unknown>

/** An event as a client is told it. */
export function writeEvent(event: GroupEvent, prefix: string, personOf: PersonOf): Record<string, unknown> {
  const { type, groupId } = event
  const write = (
    Object.hasOwn(durable, type)
      ? durable[type as DurableEvent['type']].write
      : passing[type as PassingEvent['type']]
  ) as Write
  return { type, group_id: groupId, ...write(event, { prefix, personOf }) }
}

/** The types of all events that a client may be told. */
export const eventTypes = { durable: Object.keys(durable), passing: Object.keys(passing) }

const every = { group_id: Id, cursor: Type.String() }

/** A durable event, or a `resync` in place of those that can't be told. */
export const EventView = Type.Union(
  [
    ...Object.entries(durable).map(([type, { fields }]) =>
      Type.Object({ type: Type.Literal(type), ...every, ...fields }),
    ),
    Type.Object({ type: Type.Literal('resync'), ...every, reason: Type.String() }),
  ],
  { title: 'Event', description: "The same as a socket's." },
)

const describe = ({ group, cursor, seq, standing }: Subscription) => ({
  group_id: group.id,
  // Only a direct chat has no name.
  name: group.name || null,
  cursor,
  seq,
  ...(standing && standingView(standing)),
})

/** The frames of this API: docs/protocol.md. `prefix`: what its paths begin with. */
export function createWords(prefix: string, personOf: PersonOf): Words {
  const frames = createFrames(prefix)
  return {
    read: (value) => readFrame(frames, value),
    event: (event, cursor) => ({
      ...writeEvent(event, prefix, personOf),
      ...(cursor !== undefined && { cursor }),
    }),

    connected: ({ userId }, { group, cursor }) => ({
      type: 'connected',
      message: `Connected to group ${group.id}`,
      user_id: userId,
      group_id: group.id,
      cursor,
    }),

    connectedToAll: ({ userId }, subscriptions, total) => ({
      type: 'connected',
      message: 'Connected',
      user_id: userId,
      groups: subscriptions.map(describe),
      total,
    }),

    mention: (groupId, message) => ({
      type: 'mention',
      group_id: groupId,
      message: messageView(message, prefix, personOf),
    }),
    subscribed: (subscription) => ({ type: 'subscribed', ...describe(subscription) }),
    groupAdded: (group) => ({ type: 'group_added', group_id: group.id, group: groupView(group) }),
    preferences: (groupId, preferences) => ({
      type: 'group_preferences',
      group_id: groupId,
      ...preferencesView(preferences),
    }),
    unbanned: (groupId) => ({ type: 'unbanned', group_id: groupId }),
    unsubscribed: (groupId, code) => ({ type: 'unsubscribed', group_id: groupId, code }),
    resync: (groupId, cursor, reason) => ({ type: 'resync', group_id: groupId, cursor, reason }),

    refused: ({ code, message, fields, retryAfterMs }, re) => ({
      type: 'error',
      ...re,
      code,
      detail: message,
      ...(fields.length && { errors: fields }),
      ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
    }),

    closing: (retryAfterMs) => ({ type: 'closing', retry_after_ms: retryAfterMs }),
  }
}

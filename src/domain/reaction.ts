import { type Static, Type } from 'typebox'
import { ChatError } from './errors.ts'
import { limits } from './limits.ts'

/** One kind of reaction to a message. */
export interface Reaction {
  readonly emoji: string
  readonly count: number
  /** The users who chose this emoji, as far as they are among the first to react to the message at all, in that order. */
  readonly userIds: readonly string[]
}

/** All reactions to a message. */
export interface Reactions {
  /** The `rev` of their last change; 0 when there was none. */
  readonly rev: number
  /** The kind that somebody chose first comes first. */
  readonly kinds: readonly Reaction[]
}

export const noReactions: Reactions = { rev: 0, kinds: [] }

/** How often an emoji was chosen. */
export interface ReactionCount {
  readonly emoji: string
  readonly count: number
}

export interface ReactionOf {
  readonly emoji: string
  readonly userId: string
}

/** `counts` has the kinds in the order in which they came, `first` the users to name, who reacted first with any emoji. */
export const reactionsOf = (
  rev: number,
  counts: readonly ReactionCount[],
  first: readonly ReactionOf[],
): Reactions => ({
  rev,
  kinds: counts.map(({ emoji, count }) => ({
    emoji,
    count,
    userIds: first.filter((reaction) => reaction.emoji === emoji).map(({ userId }) => userId),
  })),
})

/** Throws limit_reached when a message that has so many kinds of reactions can't take another. */
export function requireRoomForKind(kinds: number): void {
  if (kinds >= limits.reactionKinds)
    throw new ChatError(
      'limit_reached',
      `A message can have ${limits.reactionKinds} kinds of reactions: choose one that is there already.`,
    )
}

export const ReactionView = Type.Object(
  {
    emoji: Type.String(),
    count: Type.Integer({ minimum: 1 }),
    user_ids: Type.Array(Type.String(), {
      maxItems: limits.reactionUsers,
      description: `Of the first ${limits.reactionUsers} who reacted to the message at all, those who chose this.`,
    }),
  },
  { title: 'Reaction' },
)
export type ReactionView = Static<typeof ReactionView>

export const reactionViews = ({ kinds }: Reactions): ReactionView[] =>
  kinds.map(({ emoji, count, userIds }) => ({ emoji, count, user_ids: [...userIds] }))

/** One reaction that came or went. */
export const ReactionChange = Type.Object({
  emoji: Type.String(),
  user_id: Type.String(),
  added: Type.Boolean(),
})
export type ReactionChange = Static<typeof ReactionChange>

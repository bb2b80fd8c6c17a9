import { Type } from 'typebox'
import { mayListen } from './access.ts'
import { limits } from './limits.ts'
import type { MembersAmong } from './member.ts'
import { UserId } from './text.ts'
import { invalid } from './validate.ts'

/** Whom a message calls. */
export interface Mentions {
  /** Each user once, as the sender gave them. */
  readonly mentions: readonly string[]
  /** It calls everybody who reads the group, whoever `mentions` names. */
  readonly mentionAll: boolean
}

export const noMentions: Mentions = { mentions: [], mentionAll: false }

export const MentionList = Type.Array(UserId, {
  maxItems: limits.mentions,
  uniqueItems: true,
  description: 'The users whom the message calls: they have to be able to read the group.',
})

/** Throws invalid, with one entry for each user who may not be mentioned. `among` says what all of them are to the group. */
export function requireMentionable(mentions: readonly string[], among: MembersAmong, now: number): void {
  const strangers = mentions.flatMap((userId, index) =>
    mayListen(among, { userId, admin: false }, now)
      ? []
      : [{ field: `mentions.${index}`, message: 'is nobody who may read this group' }],
  )
  if (strangers.length) throw invalid(strangers)
}

/** True when the message calls this user. Nobody calls themselves. */
export const callsUser = (
  { senderId, mentions, mentionAll }: Mentions & { readonly senderId: string },
  userId: string,
): boolean => userId !== senderId && (mentionAll || mentions.includes(userId))

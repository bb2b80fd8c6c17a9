import { type Static, Type } from 'typebox'
import { mayStill } from './access.ts'
import type { Caller } from './caller.ts'
import { ChatError } from './errors.ts'
import type { GroupSummary } from './group.ts'
import { limits } from './limits.ts'
import type { Membership } from './member.ts'
import { Id, Time, time } from './text.ts'

/** Lets whoever has its code into a group, as often as it has uses, for as long as its maker may invite. Times are milliseconds since 1970. */
export interface Invite {
  /** 22 characters of base62. */
  readonly code: string
  readonly groupId: string
  readonly createdBy: string
  /** Made by a token with scope chat:admin, so that it counts whatever its maker is to the group. */
  readonly byOperator: boolean
  readonly createdAt: number
  readonly expiresAt: number
  /** null: as many as the group has room for. */
  readonly maxUses: number | null
  readonly uses: number
}

export const inviteCodeLength = 22

/** Any other text is the code of no invite. */
export const isInviteCode = (value: string): boolean => /^[0-9A-Za-z]{22}$/.test(value)

/** True while it is in its time and has a use left. */
export const isLive = ({ expiresAt, maxUses, uses }: Invite, now: number): boolean =>
  now < expiresAt && (maxUses === null || uses < maxUses)

export const inviteExpired = (): ChatError =>
  new ChatError(
    'invite_expired',
    'This invite is used up or past its time, or who made it may invite no more: ask for another.',
  )

/** `maker` is the membership of whoever made the invite. Throws invite_expired. */
export function requireUsable(invite: Invite, maker: Membership | null, now: number): void {
  const { createdBy: userId, byOperator: admin } = invite
  if (!isLive(invite, now) || !mayStill('moderate', maker, { userId, admin } satisfies Caller, now))
    throw inviteExpired()
}

/** `live`: how many the group has. Throws limit_reached. */
export function requireRoomForInvite(live: number): void {
  if (live >= limits.invites)
    throw new ChatError(
      'limit_reached',
      `A group has at most ${limits.invites} invites that can be used: revoke one first.`,
    )
}

const day = 86_400
/** How long an invite counts unless its maker says otherwise, in seconds. */
export const defaultInviteSeconds = 7 * day

export const NewInvite = Type.Object(
  {
    expires_in: Type.Optional(
      Type.Integer({ minimum: 60, maximum: 30 * day, description: 'Seconds; 7 days unless given.' }),
    ),
    max_uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
  { title: 'NewInvite', examples: [{ expires_in: 86_400, max_uses: 10 }] },
)
export type NewInvite = Static<typeof NewInvite>

const Code = Type.String({ minLength: inviteCodeLength, maxLength: inviteCodeLength })

export const inviteExample = {
  code: '4kQ0bZr7HdX2mLwV9sTyPe',
  group_id: '65920080c0ffee0000000001',
  created_by: 'alice',
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-01-08T00:00:00.000Z',
  max_uses: 10,
  uses: 3,
}

export const InviteView = Type.Object(
  {
    code: Code,
    group_id: Id,
    created_by: Type.String(),
    created_at: Time,
    expires_at: Time,
    max_uses: Type.Union([Type.Integer(), Type.Null()]),
    uses: Type.Integer(),
  },
  { title: 'Invite', examples: [inviteExample] },
)
export type InviteView = Static<typeof InviteView>

export const inviteView = (invite: Invite): InviteView => ({
  code: invite.code,
  group_id: invite.groupId,
  created_by: invite.createdBy,
  created_at: time(invite.createdAt),
  expires_at: time(invite.expiresAt),
  max_uses: invite.maxUses,
  uses: invite.uses,
})

/** What an invite shows of the group to somebody who is not in it. */
export const InvitationView = Type.Object(
  {
    group: Type.Object({
      id: Id,
      name: Type.String(),
      description: Type.String(),
      member_count: Type.Integer({ minimum: 0 }),
    }),
    expires_at: Time,
  },
  {
    title: 'Invitation',
    examples: [
      {
        group: { id: inviteExample.group_id, name: 'Tea', description: '', member_count: 4 },
        expires_at: inviteExample.expires_at,
      },
    ],
  },
)
export type InvitationView = Static<typeof InvitationView>

export const invitationView = (invite: Invite, group: GroupSummary): InvitationView => ({
  group: {
    id: group.id,
    name: group.name,
    description: group.description,
    member_count: group.memberCount,
  },
  expires_at: time(invite.expiresAt),
})

import type { Group, Member } from '../../../src/client/types.ts'
import type { Rights } from './types.ts'

/** What the caller may do in a group. `own`: what is known of them as a member. The service has the last word. */
export function rightsOf(group: Group, own: Pick<Member, 'muted_until'> | undefined, now: number): Rights {
  const isOwner = group.role === 'owner'
  const isAdmin = isOwner || group.role === 'admin'
  const whyNot = whyNotOf(group, isAdmin, own?.muted_until ?? null, now)
  return { mayWrite: whyNot === null, whyNot, isAdmin, isOwner }
}

function whyNotOf(group: Group, isAdmin: boolean, mutedUntil: string | null, now: number): string | null {
  if (mutedUntil !== null && Date.parse(mutedUntil) > now)
    return `You are muted until ${new Date(mutedUntil).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}.`
  if (group.post_policy === 'admins' && !isAdmin) return 'Only admins write here.'
  return null
}

export const isSameRights = (one: Rights, other: Rights): boolean =>
  (Object.keys(one) as (keyof Rights)[]).every((name) => one[name] === other[name])

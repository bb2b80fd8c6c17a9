import { type Action, requireMay } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import type { Group } from '../domain/group.ts'
import type { Membership } from '../domain/member.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  readonly store: Pick<Store, 'members'>
  readonly now: () => number
}

/** What the caller is to the group, if they may do that there. Throws not_found, banned, forbidden, muted. */
export async function membershipFor(
  action: Action,
  { store, now }: Deps,
  by: Caller,
  groupId: string,
): Promise<Membership> {
  const membership = await store.members.read(groupId, by.userId)
  requireMay(action, membership, by, now())
  return membership
}

/** The group, if the caller may read it. Throws not_found, banned, forbidden. */
export const readableGroup = async (deps: Deps, by: Caller, groupId: string): Promise<Group> =>
  (await membershipFor('listen', deps, by, groupId)).group

import { requireMay } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import type { Group } from '../domain/group.ts'
import type { Store } from '../store/store.ts'

/** The group, if the caller may read it. Throws not_found, forbidden (members only). */
export async function readableGroup(
  store: Pick<Store, 'members'>,
  by: Caller,
  groupId: string,
): Promise<Group> {
  const membership = await store.members.read(groupId, by.userId)
  requireMay('listen', membership, by)
  return membership.group
}

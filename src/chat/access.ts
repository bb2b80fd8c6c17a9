import { accessOf, requireMember } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import type { Group } from '../domain/group.ts'
import type { Store } from '../store/store.ts'

/** The group, if the caller may read it. Throws not_found, forbidden (members only). */
export async function readableGroup(store: Store, by: Caller, id: string): Promise<Group> {
  const group = await store.groups.read(id)
  requireMember(group && accessOf(group), by)
  return group as Group
}

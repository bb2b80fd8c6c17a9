import type { GroupKind } from '../domain/group.ts'
import type { Hub } from './hub.ts'

export interface HubReports {
  changed(type: string): void
  groupMade(kind: GroupKind): void
}

/**
 * The same hub, for the use cases: it reports what they hand on. What other instances wrote does not come this way, so that each
 * change is reported once, where it was written.
 */
export function observedHub(hub: Hub, { changed, groupMade }: HubReports): Hub {
  const observed: Pick<Hub, 'change' | 'groupCreated'> = {
    change(change, subjects) {
      changed(change.type)
      hub.change(change, subjects)
    },
    groupCreated(group) {
      groupMade(group.kind)
      hub.groupCreated(group)
    },
  }
  // The hub's figures are getters: a copy would have those of now for good.
  return Object.assign(Object.create(hub), observed)
}

import type { Hub } from '../hub/hub.ts'
import type { DueGroup } from '../store/retention.ts'
import type { Store } from '../store/store.ts'

/** Clears what groups keep no longer. */
export interface Retention {
  /** Clears some messages, or looks for groups that have any. `isDone`: all groups were looked at. */
  step(): Promise<{ count: number; isDone: boolean }>
  /** To be called when a group keeps its messages for other days: what is too old there need not wait. */
  want(): void
  /** Calls back when somebody wants that. One callback. */
  onWanted(wanted: () => void): void
}

interface Deps {
  store: Pick<Store, 'retention'>
  hub: Pick<Hub, 'change'>
  now: () => number
  /** For so many days messages are kept where their group says nothing; 0 is for ever. */
  messageRetentionDays: number
}

/** So few messages are cleared at once that nobody's sends notice. */
const perStep = 100
const groupsPerLook = 100

export function createRetention({ store, hub, now, messageRetentionDays: days }: Deps): Retention {
  let due: readonly DueGroup[] = []
  let after: string | null = null
  let wanted = (): void => undefined

  /** Looks at the next groups. Resolves to whether there are no more. */
  async function look(): Promise<boolean> {
    const page = await store.retention.due({ after, days, at: now(), limit: groupsPerLook })
    due = page.groups
    after = page.next
    return page.next === null
  }

  return {
    want: () => wanted(),
    onWanted(callback) {
      wanted = callback
    },

    async step() {
      const [group, ...others] = due
      if (!group) return { count: 0, isDone: (await look()) && due.length === 0 }
      // A group that fails is left for the next round, and keeps no other.
      due = others
      const { groupId, before } = group
      const { value: count, changes } = await store.retention.clear(groupId, before, perStep, now())
      for (const change of changes) hub.change(change, {})
      if (count === perStep) due = [group, ...others]
      return { count, isDone: due.length === 0 && after === null }
    },
  }
}

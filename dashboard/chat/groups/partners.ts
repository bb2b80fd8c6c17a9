import type { Group, Person } from '../../../src/client/types.ts'
import { type Cell, createCell } from '../model/cell.ts'
import type { Keeping } from '../model/types.ts'

/** Who the others of direct chats are: such a group has no name and no picture of its own. */
export interface Partners {
  /** Who is known by now: a new map whenever somebody is added. */
  readonly known: Cell<ReadonlyMap<string, Person>>
  /** The other one; null while it is not known, and in a group that is no direct chat. It is asked for, and told by `known`. */
  of(group: Group): Person | null
}

interface Deps {
  readonly ownId: string
  /** They are there offline, too. */
  readonly keeping: Keeping
  get(userId: string): Promise<Person>
}

const key = 'partners'

export function createPartners({ ownId, keeping, get }: Deps): Partners {
  const known = createCell<ReadonlyMap<string, Person>>(new Map(stored()))
  const asked = new Set<string>()

  function stored(): [string, Person][] {
    try {
      return JSON.parse(keeping.getItem(key) ?? '[]')
    } catch {
      return []
    }
  }

  function add({ id, username, display_name, avatar_url }: Person): void {
    known.set(new Map(known.value).set(id, { id, username, display_name, avatar_url }))
    keeping.setItem(key, JSON.stringify([...known.value]))
  }

  async function ask(userId: string): Promise<void> {
    if (asked.has(userId)) return
    asked.add(userId)
    // Without an answer the next look at the group asks again.
    await get(userId).then(add, () => asked.delete(userId))
  }

  return {
    known,
    of(group) {
      const id = group.kind === 'direct' && group.user_ids?.find((each) => each !== ownId)
      if (!id) return null
      // What was kept may have changed since, so everybody is asked for once.
      void ask(id)
      return known.value.get(id) ?? null
    },
  }
}

import type { Group, Profile } from '../../../src/client/types.ts'
import type { Cell } from './cell.ts'
import type { Clock } from './clock.ts'
import type { Keeping } from './types.ts'

/** What is shown at the next start before the service has answered, or where it can't be reached. */
export interface Kept {
  readonly me: Profile | null
  readonly groups: readonly Group[] | null
  /** Keeps them from now on. */
  follow(me: Cell<Profile | null>, groups: Cell<readonly Group[] | null>, signal: AbortSignal): void
  /** Lets go of it. */
  forget(): void
}

const keys = { me: 'me', groups: 'groups' }
const mostGroups = 100
const pauseMs = 5_000

export function createKept(keeping: Keeping, { after }: Clock): Kept {
  function read<T>(key: string): T | null {
    try {
      return JSON.parse(keeping.getItem(key) ?? 'null')
    } catch {
      return null
    }
  }

  return {
    me: read<Profile>(keys.me),
    groups: read<Group[]>(keys.groups),

    follow(me, groups, signal) {
      let isResting = false
      let isDue = false
      // At once, so that a page that is closed soon has kept it; then at most every few seconds.
      const keep = (): void => {
        isDue = isResting
        if (isResting || !groups.value) return
        isResting = true
        after(pauseMs, () => {
          isResting = false
          if (isDue) keep()
        })
        // Whom else a large group has is not shown of it before it is fetched.
        const some = groups.value.slice(0, mostGroups).map((group) => ({ ...group, authorized_user_ids: [] }))
        keeping.setItem(keys.groups, JSON.stringify(some))
      }
      me.listen((profile) => profile && keeping.setItem(keys.me, JSON.stringify(profile)), signal)
      groups.listen(keep, signal)
    },

    forget() {
      for (const key of Object.values(keys)) keeping.removeItem(key)
    },
  }
}

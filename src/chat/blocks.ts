import type { Block } from '../domain/block.ts'
import type { Caller } from '../domain/caller.ts'
import type { Rates } from '../domain/rates.ts'
import { invalid } from '../domain/validate.ts'
import type { Directory } from '../people/directory.ts'
import type { Store } from '../store/store.ts'

export interface Blocks {
  /** Oldest first. */
  list(by: Caller): Promise<readonly Block[]>
  /** Again changes nothing. Throws invalid (oneself), limit_reached, rate_limited. */
  put(by: Caller, userId: string): Promise<Block>
  /** Nothing happens where there is none. Throws rate_limited. */
  remove(by: Caller, userId: string): Promise<void>
}

interface Deps {
  store: Pick<Store, 'blocks'>
  directory: Pick<Directory, 'know'>
  now: () => number
  rates: Pick<Rates, 'profiles'>
}

export function createBlocks({ store, directory, now, rates }: Deps): Blocks {
  return {
    async list({ userId }) {
      const found = await store.blocks.list(userId)
      await directory.know(found.map((block) => block.userId))
      return found
    },

    async put(by, userId) {
      rates.profiles.take(by.userId)
      if (userId === by.userId)
        throw invalid([{ field: 'user_id', message: 'must be of somebody else: nobody blocks themselves' }])
      const block = await store.blocks.put(by.userId, userId, now())
      await directory.know([userId])
      return block
    },

    async remove(by, userId) {
      rates.profiles.take(by.userId)
      await store.blocks.remove(by.userId, userId)
    },
  }
}

const atOnce = 20_000

/** Those of the users whom the caller may add to a group, in their order: who has blocked the caller is left out. */
export async function withoutBlockers(
  store: Pick<Store, 'blocks'>,
  by: Caller,
  userIds: readonly string[],
): Promise<readonly string[]> {
  const left: string[] = []
  for (let i = 0; i < userIds.length; i += atOnce) {
    const some = userIds.slice(i, i + atOnce)
    const blockers = await store.blocks.among(by.userId, some)
    left.push(...some.filter((userId) => !blockers.has(userId)))
  }
  return left
}

import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '../domain/errors.ts'
import type { GroupWithMembers } from '../domain/group.ts'
import type { Naming } from '../domain/naming.ts'
import type { Store } from '../store/store.ts'
import { nameDigest, namedId } from './ids.ts'

export interface NamedGroup {
  readonly group: GroupWithMembers
  /** The group was made by this call. */
  readonly isNew: boolean
}

/** Who is faster decides, so it is soon decided. */
const mostTries = 20
const pauseMs = 20

/**
 * The group of this name, which is made if there is none: one, however many ask at once, on whatever instances. After a deletion the
 * same name leads to another id. Whoever asks has to be checked by the caller. Throws group_full, unavailable.
 */
export const openNamed = (
  store: Pick<Store, 'groups' | 'names'>,
  parts: readonly string[],
  make: (id: string) => GroupWithMembers,
): Promise<NamedGroup> =>
  underName(
    store,
    parts,
    (incarnation) => namedId(parts, incarnation),
    async (id, naming) => {
      const found = await store.groups.read(id)
      if (found) return { group: found, isNew: false }
      const { value: group } = await store.groups.create(make(id), naming)
      return { group, isNew: true }
    },
  )

/**
 * Finds or makes the group that the name has. `work` is called again when it throws conflict: somebody else was faster. Throws
 * unavailable, and what `work` throws.
 */
export async function underName<T>(
  store: Pick<Store, 'names'>,
  parts: readonly string[],
  idOf: (incarnation: number) => string,
  work: (id: string, naming: Naming) => Promise<T>,
): Promise<T> {
  const name = nameDigest(parts)
  for (let tries = 1; tries <= mostTries; tries++) {
    const incarnation = await store.names.incarnation(name)
    try {
      return await work(idOf(incarnation), { name, incarnation })
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'conflict') throw error
      // Somebody else has just made the group, or deleted it. What they did may not be read yet.
      await sleep(pauseMs * tries)
    }
  }
  throw new ChatError(
    'unavailable',
    'Others make and delete this group all the time. Try again in a moment.',
    {
      retryAfterMs: 1_000,
    },
  )
}

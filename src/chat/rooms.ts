import type { Frequency } from '../domain/budget.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import type { GroupWithMembers } from '../domain/group.ts'
import { noMetadata } from '../domain/metadata.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import { nameDigest, namedId, roomId } from './ids.ts'
import { underName } from './named-groups.ts'

/** Open groups that nobody owns, and that go by their names alone: whoever names one is in the same as everybody else. */
export interface Rooms {
  /** The id of the room of this name, whether it was made already or not. Throws unavailable. */
  idOf(name: string): Promise<string>
  /** The same, of a room that is made now if it is not there. Throws rate_limited (new rooms), unavailable, storage_full. */
  open(by: Caller, name: string): Promise<string>
}

interface Deps {
  store: Pick<Store, 'attempts' | 'groups' | 'members' | 'names'>
  hub: Pick<Hub, 'groupCreated'>
  now: () => number
  /** How many new rooms a user may make, over all instances; `most` 0 is no limit. */
  newRooms: Frequency
  onLimited?: (() => void) | undefined
}

/** The room that is always there: it is made when somebody first comes, at no expense of theirs, and never deleted or renamed. */
export const lastingRoom = 'general'

/** Throws forbidden for the room that is to stay as it is. */
export function requirePassing(groupId: string): void {
  if (groupId === roomId(lastingRoom))
    throw new ChatError('forbidden', `The room ${lastingRoom} stays, with its name and without an owner.`)
}

export const newRoom = (
  id: string,
  name: string,
  at: number,
  members: readonly string[] = [],
): GroupWithMembers => ({
  id,
  number: null,
  kind: 'group',
  name,
  description: '',
  visibility: 'open',
  postPolicy: 'everyone',
  metadata: noMetadata,
  avatarUrl: null,
  retentionDays: null,
  authorizedUserIds: members,
  ownerIds: [],
  createdAt: at,
  updatedAt: at,
})

const partsOf = (name: string) => ['room', name]

/** The first room of a name has the id that clients may compute for themselves. */
const idAt = (name: string) => (incarnation: number) =>
  incarnation === 0 ? roomId(name) : namedId(partsOf(name), incarnation)

export function createRooms({ store, hub, now, newRooms, onLimited }: Deps): Rooms {
  const { attempts } = store

  /** Counts a new room of the caller. Resolves to the way to take that back. */
  async function take({ userId }: Caller): Promise<() => Promise<void>> {
    const budget = { ...newRooms, key: nameDigest(['rooms', userId]) }
    const at = now() + Math.random()
    const missing = await attempts.take([budget], at)
    if (missing === 0) return () => attempts.refund([budget.key], at)
    onLimited?.()
    throw new ChatError('rate_limited', 'Too many new rooms. Enter one that is there already.', {
      retryAfterMs: Math.ceil(missing),
    })
  }

  const isFree = (name: string) => name === lastingRoom || newRooms.most === 0

  return {
    idOf: async (name) => idAt(name)(await store.names.incarnation(nameDigest(partsOf(name)))),

    open: (by, name) =>
      underName(store, partsOf(name), idAt(name), async (id, naming) => {
        if (await store.members.read(id, by.userId)) return id
        const giveBack = isFree(name) ? undefined : await take(by)
        try {
          const { value: group } = await store.groups.create(newRoom(id, name, now()), naming)
          hub.groupCreated(group)
          return id
        } catch (error) {
          // Somebody else has made it, or nobody could.
          if (error instanceof ChatError) await giveBack?.()
          throw error
        }
      }),
  }
}

import { avatarHash } from '../domain/avatar.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import type { Written } from '../store/written.ts'

export interface EraseUserDeps {
  store: Store
  hub: Pick<Hub, 'change' | 'groupDeleted'>
  now: () => number
  /** What people are called on this instance. */
  directory: { forget(userId: string): void }
}

/** An erasure that has begun. */
interface Begun {
  readonly userId: string
  readonly key: string
  readonly alias: string
  /** Is called before each step; what it throws ends the work, which can be gone on with from its beginning. */
  goOn(): void
}

/** Of each so many are erased at once, so that others get their turn in between. */
const perStep = 100

/** Makes what erases all that a user said and that is known of them, step by step: what was done before is found done. */
export function createEraseUser({ store, hub, now, directory }: EraseUserDeps) {
  function told<T>({ value, changes }: Written<T>): T {
    for (const change of changes) hub.change(change, {})
    return value
  }

  async function endMemberships({ userId, key, goOn }: Begun): Promise<void> {
    const self: Caller = { userId, admin: true }
    const tried = new Set<string>()
    for (;;) {
      const groupIds = (await store.groups.listIds(userId, perStep, true)).filter((id) => !tried.has(id))
      if (!groupIds.length) return
      const readings = await store.reads.ofUser(userId, groupIds)
      for (const groupId of groupIds) {
        goOn()
        tried.add(groupId)
        const outcome = await leave(self, groupId)
        if (outcome === null) continue
        if (outcome === 'group_deleted') hub.groupDeleted(groupId)
        await store.erasures.count(key, { memberships: 1, reads: readings.get(groupId)?.readSeq ? 1 : 0 })
      }
    }
  }

  /** null when the user was no member any more. */
  async function leave(self: Caller, groupId: string): Promise<'removed' | 'group_deleted' | null> {
    try {
      return told(await store.members.remove(groupId, self.userId, self, now(), { succession: true }))
    } catch (error) {
      if (error instanceof ChatError && error.code === 'not_found') return null
      throw error
    }
  }

  async function removeReactions({ userId, key, goOn }: Begun): Promise<void> {
    const self: Caller = { userId, admin: true }
    for (;;) {
      goOn()
      const { found, dropped } = await store.erasures.reactions(userId, perStep)
      for (const { messageId, emoji } of found) {
        const { changes } = await store.reactions.remove(messageId, emoji, self, now())
        for (const change of changes) hub.change(change, {})
      }
      if (!found.length && !dropped) return
      await store.erasures.count(key, { reactions: found.length + dropped })
    }
  }

  async function removeProfile(userId: string): Promise<void> {
    const [profile] = await store.profiles.read([userId])
    const picture = avatarHash(profile?.avatarUrl ?? null)
    if (picture !== null) await store.avatars.drop({ userId }, picture)
    await store.profiles.remove(userId)
    directory.forget(userId)
  }

  return async (begun: Begun): Promise<void> => {
    const { userId, key, alias, goOn } = begun
    await store.accounts.remove(userId)
    await store.sessions.endAll(userId, 'erased', now())
    await store.devices.removeAll(userId)
    await endMemberships(begun)
    for (let files = 1; files > 0; ) {
      goOn()
      files = told(await store.files.removeOfUser(userId, perStep, now()))
      if (files) await store.erasures.count(key, { files })
    }
    for (let messages = 1; messages > 0; ) {
      goOn()
      messages = told(await store.erasures.messages(userId, alias, perStep, now()))
      if (messages) await store.erasures.count(key, { messages })
    }
    await removeReactions(begun)
    let place: string | null = null
    do {
      goOn()
      place = told(await store.erasures.rest(userId, alias, place, now()))
    } while (place !== null)
    for (const block of await store.blocks.list(userId)) await store.blocks.remove(userId, block.userId)
    await removeProfile(userId)
  }
}

import { requireOperator } from '../domain/access.ts'
import { admission, erasing } from '../domain/audit.ts'
import { avatarHash } from '../domain/avatar.ts'
import type { Caller } from '../domain/caller.ts'
import type { ErasureCounts } from '../domain/erasure.ts'
import { ChatError } from '../domain/errors.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import type { Written } from '../store/written.ts'
import { nameDigest } from './ids.ts'

export interface Erasures {
  /**
   * Erases a user: all that they said and that is known of them is gone, their messages stay as deleted ones of a sender that nobody is,
   * and their tokens are refused from now on. Resolves to how much was erased; after a crash, or another call that failed, to all of it,
   * but for what the last step had not counted. Throws forbidden (operators only).
   */
  erase(by: Caller, userId: string): Promise<ErasureCounts>
  /** The user's tokens are accepted again. What is erased does not come back. Throws forbidden (operators only). */
  admit(by: Caller, userId: string): Promise<void>
  /** Whether tokens of the user are refused, as far as this instance has heard. */
  isRefused(userId: string): boolean
  /** Asks the store who is refused. To be called every two seconds. */
  refresh(): Promise<void>
  /** Calls back when somebody is refused who was not before. One callback. */
  onRefused(heard: () => void): void
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'change' | 'groupDeleted'>
  now: () => number
  newId: () => string
  /** What people are called on this instance. */
  directory: { forget(userId: string): void }
}

/** Of each so many are erased at once, so that others get their turn in between. */
const perStep = 100

export function createErasures({ store, hub, now, newId, directory }: Deps): Erasures {
  const refused = new Set<string>()
  const underWay = new Map<string, Promise<ErasureCounts>>()
  let since: string | null = null
  let heard = (): void => undefined

  const keyOf = (userId: string): string => nameDigest(['erased', userId])

  function refuse(key: string): void {
    if (refused.has(key)) return
    refused.add(key)
    heard()
  }

  function told<T>({ value, changes }: Written<T>): T {
    for (const change of changes) hub.change(change, {})
    return value
  }

  async function endMemberships(userId: string, key: string): Promise<void> {
    const self: Caller = { userId, admin: true }
    const tried = new Set<string>()
    for (;;) {
      const groupIds = (await store.groups.listIds(userId, perStep, true)).filter((id) => !tried.has(id))
      if (!groupIds.length) return
      const readings = await store.reads.ofUser(userId, groupIds)
      for (const groupId of groupIds) {
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

  async function removeReactions(userId: string, key: string): Promise<void> {
    const self: Caller = { userId, admin: true }
    for (;;) {
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

  async function removeAll(userId: string, key: string): Promise<ErasureCounts> {
    const { alias } = await store.erasures.begin(key, `erased-${newId()}`)
    refuse(key)
    await store.accounts.remove(userId)
    await store.sessions.endAll(userId, 'erased', now())
    await store.devices.removeAll(userId)
    await endMemberships(userId, key)
    for (let files = 1; files > 0; ) {
      files = told(await store.files.removeOfUser(userId, perStep, now()))
      if (files) await store.erasures.count(key, { files })
    }
    for (let messages = 1; messages > 0; ) {
      messages = told(await store.erasures.messages(userId, alias, perStep, now()))
      if (messages) await store.erasures.count(key, { messages })
    }
    await removeReactions(userId, key)
    let place: string | null = null
    do place = told(await store.erasures.rest(userId, alias, place, now()))
    while (place !== null)
    for (const block of await store.blocks.list(userId)) await store.blocks.remove(userId, block.userId)
    await removeProfile(userId)
    return store.erasures.count(key, {})
  }

  return {
    async erase(by, userId) {
      requireOperator(by)
      const key = keyOf(userId)
      const erasure = underWay.get(key) ?? removeAll(userId, key).finally(() => underWay.delete(key))
      underWay.set(key, erasure)
      const counts = await erasure
      await store.audit.add(erasing(userId, by, now()))
      return counts
    },

    async admit(by, userId) {
      requireOperator(by)
      const key = keyOf(userId)
      const wasRefused = await store.erasures.admit(key)
      refused.delete(key)
      if (wasRefused) await store.audit.add(admission(userId, by, now()))
    },

    isRefused: (userId) => refused.size > 0 && refused.has(keyOf(userId)),

    async refresh() {
      const { keys, next } = await store.erasures.refused(since)
      since = next
      for (const [key, isRefused] of keys) {
        if (isRefused) refuse(key)
        else refused.delete(key)
      }
    },

    onRefused(callback) {
      heard = callback
    },
  }
}

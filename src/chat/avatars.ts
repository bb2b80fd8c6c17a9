import { hash } from 'node:crypto'
import { type Avatar, type AvatarOwner, avatarHash, avatarTypeOf, avatarUrl } from '../domain/avatar.ts'
import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import { type GroupWithMembers, summaryOf } from '../domain/group.ts'
import type { Profile } from '../domain/profile.ts'
import type { Rates } from '../domain/rates.ts'
import { invalid } from '../domain/validate.ts'
import type { Hub } from '../hub/hub.ts'
import type { Directory } from '../people/directory.ts'
import type { Store } from '../store/store.ts'
import { membershipFor } from './access.ts'

export interface Avatars {
  /** Gives the caller this picture in place of the present one. Throws invalid (no picture), unavailable, rate_limited. */
  put(by: Caller, bytes: Uint8Array): Promise<Profile>
  /** Nothing happens where there is none. Throws unavailable, rate_limited. */
  remove(by: Caller): Promise<Profile>
  /** The same for a group. Throws also not_found, banned, forbidden (admins; direct chats have none). */
  putOfGroup(by: Caller, groupId: string, bytes: Uint8Array): Promise<GroupWithMembers>
  removeOfGroup(by: Caller, groupId: string): Promise<GroupWithMembers>
  /** Throws not_found. */
  read(sha256: string): Promise<Avatar>
}

interface Deps {
  store: Pick<Store, 'avatars' | 'profiles' | 'groups' | 'members'>
  directory: Pick<Directory, 'settled'>
  hub: Pick<Hub, 'change'>
  now: () => number
  rates: Pick<Rates, 'profiles' | 'groups'>
}

export function createAvatars(deps: Deps): Avatars {
  const { store, directory, hub, now, rates } = deps

  /**
   * Shows the picture, or none. Its bytes are there before it is shown, and those of the one before go after it; if this process ends in
   * between, bytes that nobody shows are left.
   */
  async function show<T>(
    owner: AvatarOwner,
    avatar: Avatar | null,
    set: (url: string | null) => Promise<{ before: string | null; value: T }>,
  ): Promise<T> {
    if (avatar) await store.avatars.put(owner, avatar)
    const { before, value } = await set(avatar && avatarUrl(avatar.sha256))
    const replaced = avatarHash(before)
    if (replaced !== null && replaced !== avatar?.sha256) await store.avatars.drop(owner, replaced)
    return value
  }

  async function showOfUser(by: Caller, avatar: Avatar | null): Promise<Profile> {
    rates.profiles.take(by.userId)
    await directory.settled(by.userId)
    return show({ userId: by.userId }, avatar, async (url) => {
      const { before, after } = await store.profiles.change(by.userId, { avatarUrl: url })
      return { before: before.avatarUrl, value: after }
    })
  }

  async function showOfGroup(
    by: Caller,
    groupId: string,
    bytes: Uint8Array | null,
  ): Promise<GroupWithMembers> {
    rates.groups.take(by.userId)
    const { group } = await membershipFor('describe', deps, by, groupId)
    return show({ groupId }, bytes && pictureOf(bytes), async (url) => {
      const { value, changes } = await store.groups.update(groupId, { avatarUrl: url }, by, now())
      for (const change of changes) hub.change(change, { group: summaryOf(value) })
      return { before: group.avatarUrl, value }
    })
  }

  return {
    put: async (by, bytes) => showOfUser(by, pictureOf(bytes)),
    remove: (by) => showOfUser(by, null),
    putOfGroup: showOfGroup,
    removeOfGroup: (by, groupId) => showOfGroup(by, groupId, null),

    async read(sha256) {
      const avatar = await store.avatars.read(sha256)
      if (!avatar) throw notFound('avatar')
      return avatar
    },
  }
}

/** Throws invalid. */
function pictureOf(bytes: Uint8Array): Avatar {
  const type = avatarTypeOf(bytes)
  if (type === null) throw invalid([{ field: '', message: 'Send a picture: PNG, JPEG or WebP' }])
  return { sha256: hash('sha256', bytes, 'hex'), type, bytes }
}

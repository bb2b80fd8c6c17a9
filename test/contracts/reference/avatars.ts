import type { Avatar, AvatarOwner } from '../../../src/domain/avatar.ts'
import type { AvatarStore } from '../../../src/store/avatars.ts'
import type { Contents } from './kept.ts'

export function referenceAvatars({ groups }: Contents): AvatarStore {
  const all = new Map<string, { owner: AvatarOwner; avatar: Avatar }>()
  const keyOf = (owner: AvatarOwner, sha256: string) => JSON.stringify([owner, sha256])
  const isThere = (owner: AvatarOwner) => 'userId' in owner || groups.has(owner.groupId)
  return {
    async put(owner, avatar) {
      all.set(keyOf(owner, avatar.sha256), { owner, avatar })
    },
    async drop(owner, sha256) {
      all.delete(keyOf(owner, sha256))
    },
    read: async (sha256) =>
      [...all.values()].find(({ owner, avatar }) => avatar.sha256 === sha256 && isThere(owner))?.avatar ??
      null,
  }
}

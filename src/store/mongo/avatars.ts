import { Binary } from 'mongodb'
import type { AvatarOwner, AvatarType } from '../../domain/avatar.ts'
import type { AvatarStore } from '../avatars.ts'
import type { Connection } from './engine/connect.ts'

export const fieldsOf = (owner: AvatarOwner) =>
  'userId' in owner ? { user_id: owner.userId } : { group_id: owner.groupId }

export const idOf = (owner: AvatarOwner, sha256: string): string =>
  `${sha256}:${'userId' in owner ? `user:${owner.userId}` : `group:${owner.groupId}`}`

export function createAvatars({ avatars, causal }: Pick<Connection, 'avatars' | 'causal'>): AvatarStore {
  return {
    async put(owner, { sha256, type, bytes }) {
      const doc = { sha256, ...fieldsOf(owner), type, bytes: new Binary(bytes) }
      await avatars.updateOne({ _id: idOf(owner, sha256) }, { $setOnInsert: doc }, { upsert: true })
    },

    async drop(owner, sha256) {
      await avatars.deleteOne({ _id: idOf(owner, sha256) })
    },

    async read(sha256) {
      const doc = await causal.read((options) => avatars.findOne({ sha256 }, options))
      return doc && { sha256, type: doc.type as AvatarType, bytes: doc.bytes.value() }
    },
  }
}

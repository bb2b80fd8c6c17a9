import type { Device } from '../../domain/device.ts'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { DeviceStore } from '../devices.ts'
import type { Connection } from './engine/connect.ts'
import type { DeviceDoc } from './own-documents.ts'

export function createDevices({ devices, causal }: Pick<Connection, 'devices' | 'causal'>): DeviceStore {
  return {
    async put(device) {
      const { _id, ...fields } = docOf(device)
      const others = await devices.countDocuments({ user_id: device.userId, _id: { $ne: _id } })
      if (others >= limits.devices)
        throw new ChatError('limit_reached', `You may have at most ${limits.devices} push subscriptions.`)
      await devices.replaceOne({ _id }, fields, { upsert: true })
    },

    async remove(endpoint, userId) {
      return (await devices.deleteOne({ _id: endpoint, user_id: userId })).deletedCount > 0
    },

    ofUsers: (userIds) =>
      causal.read(async (options) =>
        (await devices.find({ user_id: { $in: [...userIds] } }, options).toArray()).map(deviceOf),
      ),

    async removeAll(userId) {
      await devices.deleteMany({ user_id: userId })
    },
  }
}

export const docOf = ({ endpoint, userId, sessionId, createdAt, ...keys }: Device): DeviceDoc => ({
  _id: endpoint,
  user_id: userId,
  session_id: sessionId,
  created_at: new Date(createdAt),
  ...keys,
})

export const deviceOf = ({ _id, user_id, session_id, created_at, p256dh, auth }: DeviceDoc): Device => ({
  endpoint: _id,
  userId: user_id,
  sessionId: session_id,
  p256dh,
  auth,
  createdAt: created_at.getTime(),
})

import type { Device } from '../../../src/domain/device.ts'
import { ChatError } from '../../../src/domain/errors.ts'
import { limits } from '../../../src/domain/limits.ts'
import type { DeviceStore } from '../../../src/store/devices.ts'

export function referenceDevices(): DeviceStore {
  const all = new Map<string, Device>()
  const of = (userId: string) => [...all.values()].filter((device) => device.userId === userId)
  return {
    async put(device) {
      const others = of(device.userId).filter(({ endpoint }) => endpoint !== device.endpoint)
      if (others.length >= limits.devices) throw new ChatError('limit_reached', 'There are too many.')
      all.set(device.endpoint, device)
    },
    remove: async (endpoint, userId) => all.get(endpoint)?.userId === userId && all.delete(endpoint),
    ofUsers: async (userIds) => userIds.flatMap(of),
    async removeAll(userId) {
      for (const { endpoint } of of(userId)) all.delete(endpoint)
    },
  }
}

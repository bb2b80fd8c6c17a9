import type { Device } from '../domain/device.ts'

/** The browsers that users want to be told by while they are away. */
export interface DeviceStore {
  /** Keeps the device, in place of the one of the same endpoint, whoever's that was. Throws limit_reached. */
  put(device: Device): Promise<void>
  /** Removes the device, if it is this user's. Resolves to whether it was there. */
  remove(endpoint: string, userId: string): Promise<boolean>
  /** Those of these users, at most 1,000, in any order. */
  ofUsers(userIds: readonly string[]): Promise<Device[]>
  /** All of the user's devices go. */
  removeAll(userId: string): Promise<void>
}

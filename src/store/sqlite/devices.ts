import type { DatabaseSync } from 'node:sqlite'
import type { Device } from '../../domain/device.ts'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { DeviceStore } from '../devices.ts'
import { columns, firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

export const device = columns<Device>({
  endpoint: 'endpoint',
  userId: 'user_id',
  sessionId: 'session_id',
  p256dh: 'p256dh',
  auth: 'auth',
  createdAt: 'created_at',
})

export function createDeviceWrites(db: DatabaseSync) {
  const sql = {
    others: query(db, 'SELECT count(*) FROM devices WHERE user_id = ? AND endpoint <> ?', firstNumber),
    put: db.prepare(`INSERT OR REPLACE INTO devices ${device.insert}`),
    remove: db.prepare('DELETE FROM devices WHERE endpoint = ? AND user_id = ?'),
    removeAll: db.prepare('DELETE FROM devices WHERE user_id = ?'),
  }
  return {
    'devices.put'(given: Device): void {
      if ((sql.others.get(given.userId, given.endpoint) ?? 0) >= limits.devices)
        throw new ChatError('limit_reached', `You may have at most ${limits.devices} push subscriptions.`)
      sql.put.run(...device.values(given))
    },
    'devices.remove': (endpoint: string, userId: string): boolean =>
      Number(sql.remove.run(endpoint, userId).changes) > 0,
    'devices.removeAll': (userId: string): void => void sql.removeAll.run(userId),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createDeviceWrites>>
}

export function createDeviceStore({ db, database: { read, write } }: StoreDeps): DeviceStore {
  const ofUsers = query(
    db,
    `SELECT ${device.list} FROM devices WHERE user_id IN (SELECT value FROM json_each(?))`,
    device.of,
  )
  return {
    put: (given) => write('devices.put', given),
    remove: (endpoint, userId) => write('devices.remove', endpoint, userId),
    ofUsers: async (userIds) => read(() => ofUsers.all(JSON.stringify(userIds))),
    removeAll: (userId) => write('devices.removeAll', userId),
  }
}

import type { SecretStore } from '../secrets.ts'
import type { Connection } from './engine/connect.ts'
import { madeOnce } from './engine/made-once.ts'

export const createSecrets = (connection: Connection): SecretStore => ({
  read: (name, fresh) => madeOnce(connection, `secret:${name}`, () => fresh),
})

import type { Connection } from './connect.ts'

/** What a server says of itself. */
export interface Hello {
  setName?: string
  isWritablePrimary?: boolean
  ismaster?: boolean
  localTime?: Date
}

export async function hello({ db }: Pick<Connection, 'db'>): Promise<Hello> {
  try {
    return await db.command({ hello: 1 })
  } catch {
    return db.command({ isMaster: 1 }) // before MongoDB 4.4.2
  }
}

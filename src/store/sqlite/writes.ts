import type { DatabaseSync } from 'node:sqlite'
import { createChangeLog } from './change-log.ts'
import { createTrim } from './engine/upkeep.ts'
import { createAccess, createGroupWrites } from './group-writes.ts'
import { createMessageWrites } from './message-writes.ts'
import { createReads } from './reads.ts'
import { createTotals } from './totals.ts'

/** All that the writer can be asked to do, by name. Each runs inside a transaction. */
export type Writes = ReturnType<typeof createWrites>

/** One request to the writer. */
export type Job = { [Name in keyof Writes]: { name: Name; args: Parameters<Writes[Name]> } }[keyof Writes]

export function createWrites(db: DatabaseSync) {
  const totals = createTotals(db)
  const deps = { reads: createReads(db), access: createAccess(db), logChange: createChangeLog(db), totals }
  const setEpoch = db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)")

  return {
    /** Answers when the writer does. */
    ping: (): void => undefined,
    ...createGroupWrites(db, deps),
    ...createMessageWrites(db, deps),
    trimStep: createTrim(db),
    setEpoch: (epoch: string): void => void setEpoch.run(epoch),
  }
}

import { createTransact } from '../../../src/store/sqlite/engine/batch.ts'
import { databaseFile, openForWriting } from '../../../src/store/sqlite/engine/file.ts'
import { createWrites } from '../../../src/store/sqlite/writes.ts'
import { aGroupRow, newId, numbers, t0 } from '../../support/samples.ts'

/** `ann`, who owns all groups, and others. */
export const membersOf = (count: number): string[] => ['ann', ...numbers(2, count).map((n) => `user-${n}`)]

/** Makes groups of so many members in this folder's database, which nobody has open, and answers their ids. */
export function fillGroups(dataDir: string, count: number, members: number): string[] {
  const db = openForWriting(databaseFile(dataDir))
  const transact = createTransact(db)
  const writes = createWrites(db)
  const ids = numbers(1, count).map(newId)
  const authorizedUserIds = membersOf(members)
  for (const [index, id] of ids.entries()) {
    const row = aGroupRow(members, { id, name: `Group ${index}`, createdAt: t0 + index })
    transact(() => void writes['groups.create'](row, authorizedUserIds, members))
    if (index % 100 === 0) db.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  return ids
}

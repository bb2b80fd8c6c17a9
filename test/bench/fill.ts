import { limits } from '../../src/domain/limits.ts'
import { textOnly } from '../../src/domain/message.ts'
import { createTransact } from '../../src/store/sqlite/engine/batch.ts'
import { databaseFile, openForWriting } from '../../src/store/sqlite/engine/file.ts'
import { createWrites } from '../../src/store/sqlite/writes.ts'
import { aGroupRow, newId, t0, user } from '../support/samples.ts'

/** Makes a group of `count` messages by `ann` in this folder's database, which nobody has open, and answers its id. */
export function fill(
  dataDir: string,
  count: number,
  members: readonly string[] = ['ann'],
  name = 'Bench',
): string {
  const db = openForWriting(databaseFile(dataDir))
  const transact = createTransact(db)
  const writes = createWrites(db)
  const row = aGroupRow(members.length, { name })
  const { id } = row
  transact(() => void writes['groups.create'](row, members, limits.groupMembers))
  for (let sent = 0; sent < count; ) {
    transact(() => {
      for (const end = Math.min(count, sent + 10_000); sent < end; sent++) {
        const message = { id: newId(), groupId: id, senderId: 'ann', content: `${sent} `.padEnd(100, 'x') }
        writes['messages.append'](
          { ...message, createdAt: t0, clientId: null, ...textOnly, sendHash: null },
          user('ann'),
        )
      }
    })
    db.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }
  db.close()
  return id
}

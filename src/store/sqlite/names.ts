import type { DatabaseSync } from 'node:sqlite'
import { ChatError } from '../../domain/errors.ts'
import type { Naming } from '../../domain/naming.ts'
import type { NameStore } from '../names.ts'
import { firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

export function createNameReads(db: DatabaseSync) {
  const incarnation = query(db, 'SELECT incarnation FROM names WHERE name = ?', firstNumber)
  return { incarnation: (name: string): number => incarnation.get(name) ?? 0 }
}

export type NameWrites = ReturnType<typeof createNameWrites>

/** A row outlives its group, which it names for as long as there is one. Only inside a transaction. */
export function createNameWrites(db: DatabaseSync) {
  const reads = createNameReads(db)
  const sql = {
    give: db.prepare(
      `INSERT INTO names (name, incarnation, group_id) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET group_id = excluded.group_id`,
    ),
    release: db.prepare('UPDATE names SET incarnation = incarnation + 1, group_id = NULL WHERE group_id = ?'),
  }
  return {
    /** Throws conflict when the name has had another group since. */
    requireNext({ name, incarnation }: Naming): void {
      if (reads.incarnation(name) !== incarnation)
        throw new ChatError('conflict', 'The group of this name was deleted meanwhile.')
    },
    give({ name, incarnation }: Naming, groupId: string): void {
      sql.give.run(name, incarnation, groupId)
    },
    /** To be called when the group is deleted, whether it has a name or not. */
    release: (groupId: string): void => void sql.release.run(groupId),
  }
}

export function createNameStore(
  { read }: Pick<Database<never>, 'read'>,
  reads: ReturnType<typeof createNameReads>,
): NameStore {
  return { incarnation: async (name) => read(() => reads.incarnation(name)) }
}

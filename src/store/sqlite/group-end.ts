import type { DatabaseSync } from 'node:sqlite'
import type { Moves } from './feed.ts'
import type { NameWrites } from './names.ts'
import type { Totals } from './stats.ts'

interface Deps {
  moves: Moves
  totals: Totals
  names: NameWrites
}

/** Removes a group, and leaves to the purge what belongs to it. Only inside a transaction. */
export function createGroupEnd(db: DatabaseSync, { moves, totals, names }: Deps): (id: string) => void {
  const remove = db.prepare('DELETE FROM groups WHERE id = ? RETURNING seq, deleted')
  const purgeLater = db.prepare('INSERT INTO purge (group_id) VALUES (?)')
  return (id) => {
    const gone = remove.get(id) as { seq: number; deleted: number } | undefined
    if (gone) totals.groupGone(gone.seq, gone.deleted)
    moves.keepLast()
    purgeLater.run(id)
    names.release(id)
  }
}

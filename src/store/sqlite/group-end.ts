import type { DatabaseSync } from 'node:sqlite'
import { groupEndLetter } from '../../domain/letter.ts'
import type { Moves } from './feed.ts'
import { createPutLetter } from './letters.ts'
import type { NameWrites } from './names.ts'
import type { Totals } from './stats.ts'

interface Deps {
  moves: Moves
  totals: Totals
  names: NameWrites
  /** The end leaves its letter. */
  tellsEnds: boolean
}

/** Only inside a transaction. */
export type EndGroup = (id: string, at: number) => void

/** Removes a group, and leaves to the purge what belongs to it. Only inside a transaction. */
export function createGroupEnd(db: DatabaseSync, { moves, totals, names, tellsEnds }: Deps): EndGroup {
  const remove = db.prepare('DELETE FROM groups WHERE id = ? RETURNING seq, deleted')
  const purgeLater = db.prepare('INSERT INTO purge (group_id) VALUES (?)')
  const putLetter = createPutLetter(db)
  return (id, at) => {
    const gone = remove.get(id) as { seq: number; deleted: number } | undefined
    if (gone) totals.groupGone(gone.seq, gone.deleted)
    moves.keepLast()
    purgeLater.run(id)
    names.release(id)
    if (tellsEnds) putLetter(groupEndLetter(id, at))
  }
}

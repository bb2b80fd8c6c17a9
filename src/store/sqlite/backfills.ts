import type { Backfill } from './engine/backfill.ts'
import { query } from './engine/columns.ts'
import type { Moves } from './feed.ts'
import type { GroupNumbers } from './group-numbers.ts'
import type { createProfileWrites } from './profiles.ts'

const groupsPerLook = 50
const membersPerLook = 20

interface Deps {
  moves: Moves
  numbers: GroupNumbers
  nameUsers: ReturnType<typeof createProfileWrites>['profiles.name']
}

/** What is still to be done to files of earlier versions, beside the service. Never change one that was released: add another. */
export const backfills: readonly Backfill<Deps>[] = [
  {
    // Groups whose logs moved last before there was a feed would never be told.
    name: 'number_groups',
    prepare(db, { moves }) {
      const some = db.prepare(
        `SELECT id, seq + rev AS entries, moved FROM groups WHERE id > ? ORDER BY id LIMIT ${groupsPerLook}`,
      )
      const number = db.prepare('UPDATE groups SET moved = ? WHERE id = ?')
      return (after, isEnough) => {
        let next = after ?? ''
        let count = 0
        do {
          const groups = some.all(next) as { id: string; entries: number; moved: number }[]
          for (const { id, entries, moved } of groups) {
            if (moved > 0 || entries === 0) continue
            number.run(moves.next(), id)
            count++
          }
          if (groups.length < groupsPerLook) return { next: null, count }
          next = groups.at(-1)?.id ?? next
        } while (!isEnough())
        return { next, count }
      }
    },
  },
  {
    // Groups that were made before groups had numbers.
    name: 'give_groups_numbers',
    prepare(db, { numbers }) {
      const some = db.prepare(`SELECT id, number FROM groups WHERE id > ? ORDER BY id LIMIT ${groupsPerLook}`)
      const give = db.prepare('UPDATE groups SET number = ? WHERE id = ?')
      return (after, isEnough) => {
        let next = after ?? ''
        let count = 0
        do {
          const groups = some.all(next) as { id: string; number: number | null }[]
          for (const { id, number } of groups) {
            if (number !== null) continue
            give.run(numbers.next(), id)
            count++
          }
          if (groups.length < groupsPerLook) return { next: null, count }
          next = groups.at(-1)?.id ?? next
        } while (!isEnough())
        return { next, count }
      }
    },
  },
  {
    // Members who were there before there were profiles get their numbers.
    name: 'name_members',
    prepare(db, { nameUsers }) {
      const some = query(
        db,
        `SELECT user_id, min(coalesce(joined_at, group_created_at)) FROM members
         WHERE user_id > ? GROUP BY user_id ORDER BY user_id LIMIT ${membersPerLook}`,
        (row: [userId: string, at: number]) => row,
      )
      return (after, isEnough) => {
        let next = after ?? ''
        let count = 0
        do {
          const members = some.all(next)
          for (const [userId, at] of members) nameUsers([userId], at)
          count += members.length
          if (members.length < membersPerLook) return { next: null, count }
          next = members.at(-1)?.[0] ?? next
        } while (!isEnough())
        return { next, count }
      }
    },
  },
]

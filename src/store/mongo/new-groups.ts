import { ChatError } from '../../domain/errors.ts'
import type { GroupWithMembers } from '../../domain/group.ts'
import { createBatches } from './engine/batches.ts'
import type { Connection } from './engine/connect.ts'
import { failedIndexes, isOnlyDuplicates } from './engine/failure.ts'
import { fromGroup } from './group-documents.ts'
import type { GroupNumbers } from './group-numbers.ts'
import type { Rosters } from './rosters.ts'

/** Most groups that are made by one command. Their lists may be long. */
const groupsAtOnce = 100

export interface NewGroups {
  /** Resolves to the group with its number when it is there for good. Throws conflict when there is one with this id. */
  make(group: GroupWithMembers): Promise<GroupWithMembers>
}

interface Deps {
  connection: Pick<Connection, 'groups' | 'unlessHung'>
  rosters: Pick<Rosters, 'begin'>
  numbers: Pick<GroupNumbers, 'take'>
}

interface Waiting {
  readonly group: GroupWithMembers
  resolve(group: GroupWithMembers): void
  reject(error: unknown): void
}

/**
 * Groups that are made at once go together, because each by itself would take a connection for its document and one for its
 * roster, and all share the counter of their numbers: hundreds of them would wait for connections longer than any may wait.
 */
export function createNewGroups({ connection, rosters, numbers }: Deps): NewGroups {
  const { groups, unlessHung } = connection

  /** The places of those groups whose ids were taken. */
  async function insert(made: readonly GroupWithMembers[]): Promise<readonly number[]> {
    try {
      await groups.insertMany(made.map(fromGroup), { ordered: false })
      return []
    } catch (error) {
      if (isOnlyDuplicates(error)) return failedIndexes(error)
      throw error
    }
  }

  async function run(_: string, waiting: readonly Waiting[]): Promise<void> {
    const first = await unlessHung(numbers.take(waiting.length))
    const made = waiting.map(({ group }, i) => ({ ...group, number: first + i }))
    const [taken] = await Promise.all([unlessHung(insert(made)), unlessHung(rosters.begin(made))])
    for (const i of taken) waiting[i]?.reject(new ChatError('conflict', 'A group with this id exists.'))
    // To settle one again, who was refused already, changes nothing.
    for (const [i, group] of made.entries()) waiting[i]?.resolve(group)
  }

  const making = createBatches<Waiting>({
    most: groupsAtOnce,
    atOnce: 4,
    run,
    onFailed(waiting, error) {
      for (const { reject } of waiting) reject(error)
    },
  })
  return {
    make: (group) => new Promise((resolve, reject) => making.add('groups', { group, resolve, reject })),
  }
}

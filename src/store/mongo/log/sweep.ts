import { isNumbered } from '../documents.ts'
import type { Edits } from '../edits.ts'
import type { Connection } from '../engine/connect.ts'
import type { Members } from '../members.ts'

/**
 * An edit's second write follows the first in milliseconds; one that is missing after this is missing for
 * good.
 */
const markAgeMs = 5_000
const maxMarks = 1_000

interface Deps {
  connection: Connection
  edits: Edits
  members: Members
  /** Milliseconds that one pass may take. */
  requestMs: number
}

/**
 * Logs what others left marked as not logged: they crashed, or lost the database, between an edit's two
 * writes. Ages are counted from when this process saw the mark first, so no two clocks are compared.
 */
export function createSweep({ connection, edits, members, requestMs }: Deps): () => Promise<void> {
  const { groups, messages } = connection
  let firstSeen = new Map<string, number>()

  return async function sweep() {
    const now = performance.now()
    const present = new Map<string, number>()
    const isOld = (key: string): boolean => {
      const since = firstSeen.get(key) ?? now
      present.set(key, since)
      return now - since >= markAgeMs
    }
    const [markedMessages, markedGroups] = await Promise.all([
      messages
        .find({ unlogged: { $gt: 0 } })
        .limit(maxMarks)
        .toArray(),
      groups
        .find({ unlogged: { $exists: true } })
        .limit(maxMarks)
        .toArray(),
    ])
    const deadline = now + requestMs
    const work = [
      ...markedMessages
        .filter(isNumbered)
        .filter((doc) => isOld(`${doc._id}.${doc.unlogged}`))
        .map((doc) => edits.log(doc, deadline)),
      ...markedGroups
        .filter((doc) => isOld(`${doc._id}.${doc.ver}`))
        .map((doc) => members.log(doc, deadline)),
    ]
    firstSeen = present
    await Promise.all(work)
  }
}

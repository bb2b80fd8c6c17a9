import { isId } from '../../../domain/text.ts'
import type { Connection } from '../engine/connect.ts'
import { type Job, startJob } from '../engine/job.ts'
import { isLogged } from '../group-marks.ts'
import type { Members } from '../members.ts'
import { groupPages } from './group-pages.ts'

/** One query compares the lists of so many groups. */
const groupsAtOnce = 500

/**
 * Logs edits of `authorized_user_ids` that were made by hand, or by the older service, as soon as one is seen.
 */
export interface HandEdits {
  /** To be called when this group's document was changed or replaced; without an id, when that of any group may have been. */
  seen(id?: string, isReplaced?: boolean): void
  stop(): Promise<void>
}

interface Deps {
  connection: Connection
  members: Members
  requestMs: number
  onError(error: unknown): void
}

export function createHandEdits({ connection, members, requestMs, onError }: Deps): HandEdits {
  /** The groups to look at, and whether their documents were replaced. */
  const ids = new Map<string, boolean>()
  let isAny = false

  async function look(): Promise<void> {
    if (isAny) {
      isAny = false
      try {
        for (const id of await unlogged()) add(id, false)
      } catch (error) {
        isAny = true
        throw error
      }
    }
    for (const [id, isReplaced] of ids) {
      ids.delete(id)
      try {
        if (isId(id)) await members.logHandEdit(id, isReplaced, performance.now() + requestMs)
      } catch (error) {
        add(id, isReplaced)
        throw error
      }
    }
  }

  const add = (id: string, isReplaced: boolean) => ids.set(id, isReplaced || ids.get(id) === true)

  /** The server compares the lists, for some groups at a time, because all lists together may be large. */
  async function unlogged(): Promise<string[]> {
    const projection = { authorized_user_ids: 1, logged_user_ids: 1 } as const
    const found: string[] = []
    for await (const page of groupPages(connection, groupsAtOnce)) {
      const differing = {
        _id: { $gte: page[0], $lte: page.at(-1) },
        $expr: { $ne: ['$authorized_user_ids', '$logged_user_ids'] },
      } as object
      for await (const doc of connection.groups.find(differing, { projection }))
        if (!isLogged(doc)) found.push(String(doc._id))
    }
    return found
  }

  const job: Job = startJob(60_000, look, onError)
  return {
    seen(id, isReplaced = false) {
      if (id === undefined) isAny = true
      else add(id, isReplaced)
      job.wake()
    },
    stop: job.stop,
  }
}

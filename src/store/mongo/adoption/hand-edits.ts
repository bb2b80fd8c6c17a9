import { isId } from '../../../domain/text.ts'
import type { Connection } from '../engine/connect.ts'
import { type Job, startJob } from '../engine/job.ts'
import { isLogged, type Members } from '../members.ts'

/**
 * Logs edits of `authorized_user_ids` that were made by hand, or by the older service, as soon as one is
 * seen.
 */
export interface HandEdits {
  /** This group's document was changed somehow; without an id, some group's. */
  seen(id?: string): void
  stop(): Promise<void>
}

interface Deps {
  connection: Connection
  members: Members
  requestMs: number
  onError(error: unknown): void
}

export function createHandEdits({ connection, members, requestMs, onError }: Deps): HandEdits {
  const ids = new Set<string>()
  let isAny = false

  async function look(): Promise<void> {
    if (isAny) {
      isAny = false
      for (const id of await unlogged()) ids.add(id)
    }
    for (const id of ids) {
      ids.delete(id)
      if (isId(id)) await members.logHandEdit(id, performance.now() + requestMs)
    }
  }

  /** One document at a time: all lists of members together may be large. */
  async function unlogged(): Promise<string[]> {
    const projection = { authorized_user_ids: 1, logged_user_ids: 1 } as const
    const found: string[] = []
    for await (const doc of connection.groups.find({}, { projection }))
      if (!isLogged(doc)) found.push(String(doc._id))
    return found
  }

  const job: Job = startJob(60_000, look, onError)
  return {
    seen(id) {
      if (id === undefined) isAny = true
      else ids.add(id)
      job.wake()
    },
    stop: job.stop,
  }
}

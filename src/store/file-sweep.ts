import { type StepwiseDeps, startStepwise, upToLimit } from './stepwise.ts'
import type { Store } from './store.ts'

interface Deps extends Omit<StepwiseDeps, 'leases'> {
  store: Pick<Store, 'lease' | 'files' | 'blobs'>
  now: () => number
}

const minuteMs = 60_000
/** A file that no message has goes after so many milliseconds. */
const unsentMs = 24 * 60 * minuteMs
/** What was begun so many milliseconds ago is no upload that is under way. */
const leftOverMs = 60 * minuteMs
const perStep = 50
const idsAtOnce = 1_000
/** When so many leftovers are more than all else, somebody put back an older database, and may want to have what is here. */
const suspicious = 100

/** Removes the bytes of files that are gone, files that no message ever had, and bytes that a crash left over. */
export function createFileSweep({ store, now, ...rest }: Deps): { stop(): void } {
  const { files, blobs } = store
  const deps = { ...rest, leases: store.lease }

  async function removeGone(limit: number): Promise<number> {
    const ids = await files.listGone(limit)
    for (const id of ids) await blobs.remove(id)
    if (ids.length) await files.forget(ids)
    return ids.length
  }

  const removing = startStepwise(deps, {
    name: 'files_gone',
    everyMs: 2_000,
    isDue: async () => (await files.listGone(1)).length > 0,
    step: () => upToLimit(perStep, removeGone),
    onDone: (removed) => rest.log.info('files_removed', { removed }),
    failed: 'removing_files_failed',
  })

  const expiring = startStepwise(deps, {
    name: 'files_unsent',
    everyMs: 5 * minuteMs,
    step: () => upToLimit(perStep, (limit) => files.expire(now() - unsentMs, limit)),
    onDone: (unsent) => rest.log.info('unsent_files_expired', { unsent }),
    failed: 'expiring_files_failed',
  })

  const sweep = createLeftOvers({ files, blobs, now, log: rest.log })
  const sweeping = startStepwise(deps, {
    name: 'files_left_over',
    step: sweep,
    onDone: (removed) => rest.log.info('left_over_bytes_removed', { removed }),
    failed: 'removing_left_over_bytes_failed',
  })

  return {
    stop() {
      for (const each of [removing, expiring, sweeping]) each.stop()
    },
  }
}

/** Each call looks at some of the bytes that there are, and begins anew after the last of them. */
function createLeftOvers({
  files,
  blobs,
  now,
  log,
}: Pick<Deps, 'now' | 'log'> & Pick<Store, 'files' | 'blobs'>) {
  let cursor: string | null = null
  let known = 0
  let leftOver = 0

  async function unknown(ids: readonly string[]): Promise<string[]> {
    const found = new Set(await files.known(ids))
    return ids.filter((id) => !found.has(id))
  }

  return async () => {
    if (cursor === null) known = leftOver = 0
    const page = await blobs.list(cursor)
    cursor = page.next
    const old = page.ids.filter((id) => madeAt(id) < now() - leftOverMs)
    const stray: string[] = []
    for (let i = 0; i < old.length; i += idsAtOnce)
      stray.push(...(await unknown(old.slice(i, i + idsAtOnce))))
    known += old.length - stray.length
    leftOver += stray.length
    if (leftOver > suspicious && leftOver > known) {
      log.warn('left_over_bytes_kept', {
        detail:
          'more bytes belong to no file than to one: is this the right database? `chat-api doctor` counts them',
      })
      cursor = null
      return { count: 0, isDone: true }
    }
    for (const id of stray) await blobs.remove(id)
    return { count: stray.length, isDone: cursor === null }
  }
}

/** An id begins with the second in which it was made. */
const madeAt = (id: string): number => Number.parseInt(id.slice(0, 8), 16) * 1_000

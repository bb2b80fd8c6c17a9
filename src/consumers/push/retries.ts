import type { Notice } from './notice.ts'

/** In milliseconds: the first pause, which doubles, and for how long a notice is tried. */
const firstPause = 5_000
const triedForMs = 3_600_000
/** So many wait; more are given up. */
const most = 10_000

interface Waiting {
  readonly notice: Notice
  readonly attempts: number
  readonly since: number
  readonly dueAt: number
}

/** Notices that a push service did not take. Of a group only the newest waits for a device. They are lost with the process. */
export interface Retries {
  /** `retryAfter`: that header of the answer. False when the notice is given up. */
  add(notice: Notice, retryAfter?: string): boolean
  /** A newer notice takes the place of what waits. */
  supersede(notice: Notice): void
  /** Those that are due, which wait no more but may be added again. */
  takeDue(): Notice[]
}

export function createRetries(now: () => number): Retries {
  const waiting = new Map<string, Waiting>()
  /** What was taken to be tried again, by its key. */
  const tried = new Map<string, Waiting>()
  const keyOf = ({ device, group }: Notice) => `${group.id} ${device.endpoint}`

  return {
    add(notice, retryAfter) {
      const key = keyOf(notice)
      const before = tried.get(key)
      tried.delete(key)
      // A newer one has come, and waits already.
      if (waiting.has(key)) return true
      const { attempts, since } = before ?? { attempts: 0, since: now() }
      const pause = Math.max(firstPause * 2 ** Math.min(attempts, 20), pauseOf(retryAfter, now()))
      const dueAt = now() + pause
      if (dueAt - since > triedForMs || waiting.size >= most) return false
      waiting.set(key, { notice, attempts: attempts + 1, since, dueAt })
      return true
    },

    supersede(notice) {
      const key = keyOf(notice)
      waiting.delete(key)
      tried.delete(key)
    },

    takeDue() {
      tried.clear()
      const due = [...waiting].filter(([, { dueAt }]) => dueAt <= now())
      for (const [key, each] of due) {
        waiting.delete(key)
        tried.set(key, each)
      }
      return due.map(([, { notice }]) => notice)
    },
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3); 0 for anything else. */
function pauseOf(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0
  const pause = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now
  return Number.isFinite(pause) ? Math.max(0, pause) : 0
}

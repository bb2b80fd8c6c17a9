import type { Keeping } from '../model/types.ts'

/** Whether the user looks at the page now, in this tab or in another one. */
export interface LookedAt {
  readonly isLookedAt: boolean
}

const key = 'chat-api.looked-at'
const renewedMs = 5_000

/** The tab that is looked at says so again and again, so that one that crashed keeps nothing back for long. */
export function createLookedAt(keeping: Keeping, signal: AbortSignal): LookedAt {
  const isHere = (): boolean => document.visibilityState === 'visible' && document.hasFocus()
  let saidSo = false

  function say(): void {
    if (isHere()) {
      keeping.setItem(key, String(Date.now()))
      saidSo = true
    } else if (saidSo) {
      keeping.removeItem(key)
      saidSo = false
    }
  }

  const timer = setInterval(say, renewedMs)
  signal.addEventListener('abort', () => clearInterval(timer))
  for (const type of ['focus', 'blur', 'pagehide']) addEventListener(type, say, { signal })
  document.addEventListener('visibilitychange', say, { signal })
  say()
  return {
    get isLookedAt() {
      return isHere() || Date.now() - Number(keeping.getItem(key) ?? 0) < 2 * renewedMs
    },
  }
}

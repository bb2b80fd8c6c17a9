import type { Conversation } from '../model/types.ts'
import type { Row } from './rows.ts'
import type { RowWindow } from './window.ts'

/** What is passed sooner was not seen, in milliseconds. */
const glanceMs = 200

/** Tells what was really seen: in this window, while it is the one that is used. */
export function createSeeing(
  deps: { conversation: Conversation; window: RowWindow; rows(): readonly Row[] },
  signal: AbortSignal,
): { readonly seq: number; look(): void } {
  let seq = 0
  let isDue = false

  function tell(): void {
    isDue = false
    if (signal.aborted || document.visibilityState !== 'visible' || !document.hasFocus()) return
    let row = deps.window.lastSeen()
    while (row && !row.message) row = deps.rows()[row.index - 1]
    const seen = row?.message?.seq ?? 0
    if (seen <= seq) return
    seq = seen
    deps.conversation.seen(seen)
  }

  const look = (): void => {
    if (isDue) return
    isDue = true
    setTimeout(tell, glanceMs)
  }

  addEventListener('focus', look, { signal })
  document.addEventListener('visibilitychange', look, { signal })
  return {
    get seq() {
      return seq
    },
    look,
  }
}

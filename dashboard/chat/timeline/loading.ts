import type { Conversation } from '../model/types.ts'
import type { Keyboard } from './keyboard.ts'
import type { Row } from './rows.ts'
import type { RowWindow } from './window.ts'

interface Deps {
  readonly conversation: Conversation
  report(error: unknown): void
  readonly log: HTMLElement
  /** The button `Load older messages`. */
  readonly older: HTMLButtonElement
  readonly window: RowWindow
  rows(): readonly Row[]
  readonly keyboard: Keyboard
}

/** Nearer to an end of what is loaded than this, in pixels, more is loaded. */
const nearPx = 600
/** A page that brought nothing (the service is away) is asked for again after this. */
const retryMs = 2_000
/** Whoever is at the very top may be on the way to the button: its click comes first. */
const topMs = 250

/** Loads what comes next, older or newer, before the end of what is loaded is seen. */
export function createLoading(deps: Deps, signal: AbortSignal): { nearby(): void } {
  const { conversation, report, log, older, window, rows, keyboard } = deps
  let isAsking = false
  let quietUntil = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  signal.addEventListener('abort', () => clearTimeout(timer))

  async function load(way: 'loadOlder' | 'loadNewer'): Promise<void> {
    if (isAsking || signal.aborted) return
    isAsking = true
    const before = conversation.timeline.value.messages
    try {
      await conversation[way]()
    } catch (error) {
      report(error)
    } finally {
      isAsking = false
      if (conversation.timeline.value.messages === before) quietUntil = performance.now() + retryMs
      window.schedule()
    }
  }

  /** Whoever loads by the button reads on from where the button was. */
  async function loadByHand(): Promise<void> {
    clearTimeout(timer)
    const hadFocus = document.activeElement === older
    const first = rows().find(({ kind }) => kind === 'message')
    await load('loadOlder')
    const last = first && rows().findLast(({ kind, index }) => kind === 'message' && index < first.index)
    const isLost = document.activeElement === document.body || document.activeElement === older
    if (hadFocus && isLost && last) keyboard.focus(last)
  }

  older.addEventListener('click', () => void loadByHand())

  return {
    nearby() {
      const { isStart, isEnd, isLoading, messages } = conversation.timeline.value
      clearTimeout(timer)
      if (isLoading || isAsking || messages.length === 0 || performance.now() < quietUntil) return
      if (!isStart && window.before < nearPx) {
        const isTop = log.scrollHeight > log.clientHeight && log.scrollTop < older.offsetHeight
        if (isTop) timer = setTimeout(() => void load('loadOlder'), topMs)
        else void load('loadOlder')
      } else if (!isEnd && window.after < nearPx) void load('loadNewer')
    },
  }
}

import type { Row } from './rows.ts'
import type { Toolbar } from './toolbar.ts'
import type { RowWindow } from './window.ts'

/** Which message the keys are at, and how they move. */
export interface Keyboard {
  /** The log is one stop for Tab: this message's article, and what is in it. */
  update(): void
  /** After the row was drawn: what is new in it is no stop of its own, unless the keys are there. */
  onDrawn(row: Row): void
  /** Before an element of the row goes: the focus does not go with it. */
  onDrop(row: Row): void
  /** Goes to the message, and has it seen. */
  focus(row: Row): void
  /** Goes there where it stands. */
  take(row: Row): void
}

const inner = 'a[href], button, textarea'

export function createKeyboard(
  deps: { log: HTMLElement; rows(): readonly Row[]; window: RowWindow; toolbar: Toolbar },
  signal: AbortSignal,
): Keyboard {
  const { log, rows, window, toolbar } = deps
  let active: Row | null = null
  let stop: HTMLElement | null = null

  const rowOf = (target: EventTarget | null): Row | undefined => {
    const article = target instanceof Element ? target.closest('article') : null
    for (const [row, { element }] of window.views) if (element === article) return row
    return undefined
  }

  /** The message from this place on, upwards (-1) or downwards (1). */
  function messageFrom(index: number, step: 1 | -1): Row | undefined {
    let at = index
    while (rows()[at] && rows()[at]?.kind !== 'message') at += step
    return rows()[at]
  }

  function update(): void {
    const isThere = active !== null && rows()[active.index] === active && window.views.has(active)
    const row = isThere ? active : messageFrom(window.lastSeen()?.index ?? -1, -1)
    const next = (row && window.viewOf(row)?.element) ?? null
    if (next === stop) return
    log.tabIndex = next ? -1 : 0
    if (stop) setStop(stop, -1)
    if (next) setStop(next, 0)
    stop = next
  }

  function setStop(article: HTMLElement, tabIndex: 0 | -1): void {
    article.tabIndex = tabIndex
    for (const control of article.querySelectorAll<HTMLElement>(inner))
      if (control.tabIndex !== tabIndex && !control.closest('.tools')) control.tabIndex = tabIndex
  }

  function focus(row: Row): void {
    window.reveal(row, 'nearest')
    take(row)
  }

  function take(row: Row): void {
    active = row
    update()
    window.viewOf(row)?.element.focus({ preventScroll: true })
  }

  log.addEventListener(
    'focusin',
    ({ target }) => {
      const row = rowOf(target)
      if (!row) return
      active = row
      update()
    },
    { signal },
  )

  log.addEventListener(
    'keydown',
    (event) => {
      const { key, target } = event
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (target instanceof HTMLTextAreaElement) return
      const row = rowOf(target) ?? (target === log ? active : null)
      const isArticle = row !== undefined && row !== null && target === window.viewOf(row)?.element
      const index = row?.index ?? window.lastSeen()?.index ?? -1
      let to: Row | undefined
      // From within a message the way up is to the message.
      if (key === 'ArrowUp') to = row && !isArticle ? row : messageFrom(row ? index - 1 : index, -1)
      else if (key === 'ArrowDown') to = messageFrom(row ? index + 1 : index, 1)
      else if (key === 'Home' && !event.shiftKey) to = messageFrom(0, 1)
      else if (key === 'End' && !event.shiftKey) to = messageFrom(rows().length - 1, -1)
      else if (key === 'Enter' && isArticle) toolbar.focus()
      else if (key === 'Escape' && row && !isArticle) to = row
      else return
      event.preventDefault()
      if (to) focus(to)
    },
    { signal },
  )

  return {
    update,
    focus,
    take,
    onDrawn(row) {
      const article = window.viewOf(row)?.element
      if (article && row.kind === 'message') setStop(article, article === stop ? 0 : -1)
    },
    onDrop(row) {
      // Where the focus was is remembered: the next key goes on from there.
      if (window.viewOf(row)?.element.contains(document.activeElement)) log.focus({ preventScroll: true })
    },
  }
}

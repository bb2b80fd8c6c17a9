import type { Toolbar } from './toolbar.ts'
import type { RowWindow } from './window.ts'

/** Puts the toolbar where the pointer is, or the focus: the one of both that came last. */
export function createPointer(
  { log, window, toolbar }: { log: HTMLElement; window: RowWindow; toolbar: Toolbar },
  signal: AbortSignal,
): void {
  let isByKeys = false
  let last = { x: -1, y: -1 }

  function showAt(target: EventTarget | null): void {
    const article = target instanceof Element ? target.closest<HTMLElement>('article') : null
    if (!article || toolbar.isBusy) return
    for (const [row, { element }] of window.views) {
      if (element !== article) continue
      // It would take the focus along; that stays in its message.
      const from = toolbar.row && window.viewOf(toolbar.row)?.element
      if (from && from !== article && toolbar.element.contains(document.activeElement))
        from.focus({ preventScroll: true })
      toolbar.show(row, article)
      return
    }
  }

  const isFocused = (): boolean => log.contains(document.activeElement)

  document.addEventListener('keydown', () => (isByKeys = true), { signal, capture: true })
  document.addEventListener('pointerdown', () => (isByKeys = false), { signal, capture: true })

  // Messages also move under a pointer that rests, but it is the pointer's own movements that count.
  log.addEventListener(
    'pointermove',
    ({ pointerType, target, clientX: x, clientY: y }) => {
      const isResting = x === last.x && y === last.y
      last = { x, y }
      if (pointerType !== 'mouse' || (isResting && isByKeys && isFocused())) return
      const article = target instanceof Element ? target.closest('article') : null
      if (article && toolbar.element.parentNode !== article) showAt(target)
    },
    { signal, passive: true },
  )
  log.addEventListener(
    'pointerleave',
    ({ pointerType }) => {
      if (pointerType !== 'mouse' || toolbar.isBusy) return
      if (isByKeys && isFocused()) showAt(document.activeElement)
      else if (!toolbar.element.contains(document.activeElement)) toolbar.hide()
    },
    { signal },
  )
  log.addEventListener('focusin', ({ target }) => showAt(target), { signal })
  log.addEventListener('click', ({ target }) => showAt(target), { signal })
  log.addEventListener(
    'focusout',
    ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && log.contains(relatedTarget)) return
      if (!toolbar.isBusy && !log.matches(':hover')) toolbar.hide()
    },
    { signal },
  )
}

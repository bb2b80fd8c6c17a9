import type { Page } from './page-parts.ts'

/** Keys that work wherever one is: Alt with the arrows goes through the groups, `/` and Control+K go to the search. */
export function listenToKeys({ model, go }: Page, { search }: { search(): void }, signal: AbortSignal): void {
  function step(by: 1 | -1): void {
    const groups = model.groups.value ?? []
    if (!groups.length) return
    const at = groups.findIndex(({ id }) => id === model.current.value?.id)
    const next = at < 0 ? groups[0] : groups[(at + by + groups.length) % groups.length]
    if (next) go(next.id)
  }

  addEventListener(
    'keydown',
    (event) => {
      const { key, altKey, ctrlKey, metaKey, shiftKey } = event
      if (document.querySelector('dialog[open]')) return
      const hasCommand = ctrlKey || metaKey
      const isTyping = (event.target as Element).closest?.('input, textarea, select, [contenteditable]')
      if (altKey && !hasCommand && !shiftKey && key === 'ArrowDown') step(1)
      else if (altKey && !hasCommand && !shiftKey && key === 'ArrowUp') step(-1)
      else if (hasCommand && !altKey && !shiftKey && key.toLowerCase() === 'k') search()
      else if (key === '/' && !hasCommand && !altKey && !isTyping) search()
      else return
      event.preventDefault()
    },
    { signal },
  )
}

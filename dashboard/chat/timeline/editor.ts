import { element } from '../../parts/elements.ts'

/** A message's text as a field, in its place. Enter and `Save` keep it, Escape and `Cancel` do not. */
export function createEditor(
  content: string,
  { save, cancel }: { save(text: string): Promise<void>; cancel(): void },
): { element: HTMLElement; focus(): void } {
  const field = element('textarea', { 'aria-label': 'Edit message', rows: 1, dir: 'auto' })
  field.value = content
  let isSaving = false

  const fit = (): void => {
    field.style.height = 'auto'
    field.style.height = `${field.scrollHeight + 2}px`
  }

  async function keep(): Promise<void> {
    const text = field.value.trim()
    if (isSaving || text === '') return
    if (text === content.trim()) return cancel()
    isSaving = true
    field.readOnly = true
    try {
      await save(text)
    } finally {
      isSaving = false
      field.readOnly = false
    }
  }

  field.addEventListener('input', fit)
  field.addEventListener('keydown', (event) => {
    // Enter also ends the choice of a character in some scripts.
    if (event.isComposing) return
    const isSave = event.key === 'Enter' && !event.shiftKey
    if (!isSave && event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    if (isSave) void keep()
    else cancel()
  })
  return {
    element: element(
      'div',
      { class: 'editor' },
      field,
      element(
        'div',
        { class: 'actions' },
        element('span', { class: 'hint', 'aria-hidden': 'true' }, 'Enter saves, Escape cancels'),
        element('button', { type: 'button', onclick: cancel }, 'Cancel'),
        element('button', { type: 'button', class: 'primary', onclick: () => void keep() }, 'Save'),
      ),
    ),
    focus() {
      fit()
      field.focus({ preventScroll: true })
      field.setSelectionRange(field.value.length, field.value.length)
    },
  }
}

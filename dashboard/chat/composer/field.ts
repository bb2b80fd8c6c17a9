import { element } from '../../parts/elements.ts'

/** The text field of messages. It grows with its text, to the height that its stylesheet allows. */
export function createField(signal: AbortSignal): HTMLTextAreaElement {
  const field = element('textarea', {
    'aria-label': 'Message',
    'aria-autocomplete': 'list',
    placeholder: 'Write a message',
    rows: 1,
    dir: 'auto',
    enterkeyhint: 'send',
  })
  if (!CSS.supports('field-sizing', 'content')) {
    const grow = (): void => {
      field.style.height = 'auto'
      field.style.height = `${field.scrollHeight}px`
    }
    field.addEventListener('input', grow, { signal })
    // A draft has its height as soon as the field has its width.
    requestAnimationFrame(grow)
  }
  return field
}

/** Replaces the whole text, as if it had always been there. */
export function setFieldText(field: HTMLTextAreaElement, text: string): void {
  field.value = text
  field.dispatchEvent(new Event('input'))
}

/** Writes at the caret, or in place of what stands from `start` to it, so that the browser's undo takes it back. */
export function writeInto(field: HTMLTextAreaElement, text: string, start?: number): void {
  field.focus()
  const end = field.selectionEnd
  if (start !== undefined) field.setSelectionRange(start, end)
  // The command is old and deprecated, and there is no other way that undo knows of.
  if (document.execCommand('insertText', false, text)) return
  field.setRangeText(text, field.selectionStart, end, 'end')
  field.dispatchEvent(new Event('input'))
}

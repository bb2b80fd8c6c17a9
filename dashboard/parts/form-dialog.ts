import { type Dialog, openDialog } from './dialog.ts'
import { element, setText } from './elements.ts'

/**
 * A dialog that asks for something. It is closed when `run` resolves; what `run` rejects with is shown, so that it can be mended.
 */
export function openForm({
  title,
  action,
  fields,
  run,
}: {
  title: string
  /** On the button that sends it. */
  action: string
  fields: readonly (Node | false)[]
  run(): Promise<unknown>
}): Dialog {
  const dialog = openDialog({ title }, (close) => {
    const alert = element('p', { role: 'alert', class: 'refusal' })
    const send = element('button', { class: 'primary' }, action)
    const form = element(
      'form',
      {
        onsubmit: async (event: Event) => {
          event.preventDefault()
          send.disabled = true
          setText(alert, '')
          try {
            await run()
            close()
          } catch (error) {
            setText(alert, (error as Error).message)
            send.disabled = false
          }
        },
      },
      ...fields,
      alert,
      element(
        'div',
        { class: 'actions' },
        element('button', { type: 'button', onclick: close }, 'Cancel'),
        send,
      ),
    )
    return [form]
  })
  dialog.element.querySelector<HTMLElement>('input, textarea, select')?.focus()
  return dialog
}

let labelled = 0

/** A field with its label above it. */
export function labelledBy<E extends HTMLElement>(text: string, field: E): HTMLElement {
  field.id ||= `field-${++labelled}`
  return element('div', {}, element('label', { for: field.id }, text), field)
}

/** A box to tick, with its label beside it. */
export const ticked = (text: string, box: HTMLInputElement): HTMLElement =>
  element('label', { class: 'tick' }, box, element('span', {}, text))

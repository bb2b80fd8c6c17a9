import { element } from './elements.ts'

export interface Dialog {
  readonly element: HTMLDialogElement
  close(): void
}

let made = 0

/**
 * Opens a dialog above the page, which stands still meanwhile. Escape, a click beside it and `close` end it; the focus goes back to
 * where it was. `fill` makes what stands under the title.
 */
export function openDialog(
  {
    title,
    role = 'dialog',
    className = '',
  }: { title: string; role?: 'dialog' | 'alertdialog'; className?: string },
  fill: (close: () => void) => readonly Node[],
): Dialog {
  const before = document.activeElement
  const id = `dialog-${++made}`
  const dialog = element('dialog', { role, class: `dialog ${className}`.trim(), 'aria-labelledby': id })
  const close = (): void => dialog.close()
  dialog.append(element('h2', { id }, title), ...fill(close))
  dialog.addEventListener('close', () => {
    dialog.remove()
    if (before instanceof HTMLElement && before.isConnected) before.focus()
  })
  // A press that began inside of it (a selection of text that went too far) ends nothing.
  dialog.addEventListener('pointerdown', (event) => {
    if (event.target !== dialog) return
    const { left, right, top, bottom } = dialog.getBoundingClientRect()
    const { clientX: x, clientY: y } = event
    if (x < left || x > right || y < top || y > bottom) close()
  })
  document.body.append(dialog)
  dialog.showModal()
  return { element: dialog, close }
}

/** Asks before what can't be taken back. Resolves with whether it is wanted. */
export const confirm = (title: string, text: string, action: string): Promise<boolean> =>
  new Promise((resolve) => {
    let isWanted = false
    const { element: dialog } = openDialog({ title, role: 'alertdialog' }, (close) => [
      element('p', {}, text),
      element(
        'div',
        { class: 'actions' },
        element('button', { type: 'button', onclick: close }, 'Cancel'),
        element(
          'button',
          {
            type: 'button',
            class: 'danger',
            onclick: () => {
              isWanted = true
              close()
            },
          },
          action,
        ),
      ),
    ])
    dialog.addEventListener('close', () => resolve(isWanted))
  })

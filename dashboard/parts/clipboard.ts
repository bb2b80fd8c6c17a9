/** Puts the text on the clipboard. Resolves with whether it is there. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Browsers offer the clipboard only over HTTPS and on localhost. Over plain HTTP in a network the old way still works.
    const before = document.activeElement
    const field = document.createElement('textarea')
    field.value = text
    field.className = 'hidden'
    // What is beside an open dialog can't be selected.
    const place = before?.closest('dialog') ?? document.body
    place.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    if (before instanceof HTMLElement) before.focus()
    return done
  }
}

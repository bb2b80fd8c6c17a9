import { find } from '../parts/elements.ts'

const toast = find('toast')
let timer = 0

/** Puts the text on the clipboard and says so. */
export async function copy(text: string): Promise<void> {
  const done = await write(text)
  toast.textContent = done ? `copied ${text}` : `copy it by hand: ${text}`
  toast.classList.add('shown')
  clearTimeout(timer)
  timer = window.setTimeout(() => toast.classList.remove('shown'), 2_500)
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Browsers offer the clipboard only over HTTPS and on localhost. Over plain HTTP in a network the old way still works.
    const field = document.createElement('textarea')
    field.value = text
    field.className = 'hidden'
    document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}

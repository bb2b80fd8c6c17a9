import { copyText } from '../parts/clipboard.ts'
import { find } from '../parts/elements.ts'

const toast = find('toast')
let timer = 0

/** Puts the text on the clipboard and says so. */
export async function copy(text: string): Promise<void> {
  const done = await copyText(text)
  toast.textContent = done ? `copied ${text}` : `copy it by hand: ${text}`
  toast.classList.add('shown')
  clearTimeout(timer)
  timer = window.setTimeout(() => toast.classList.remove('shown'), 2_500)
}

import { element } from '../parts/elements.ts'
import type { ChatModel } from './model/types.ts'

/** What went wrong, for as long as the model has it. */
export function showProblems({ problems }: ChatModel, place: HTMLElement, signal: AbortSignal): void {
  const shown = new Map<number, HTMLElement>()
  signal.addEventListener('abort', () => place.replaceChildren())
  problems.listen((now) => {
    for (const { id, text } of now) {
      if (shown.has(id)) continue
      const toast = element('p', { role: 'alert', class: 'toast', dir: 'auto' }, text)
      shown.set(id, toast)
      place.append(toast)
    }
    for (const [id, toast] of shown) {
      if (now.some((problem) => problem.id === id)) continue
      shown.delete(id)
      toast.remove()
    }
  }, signal)
}

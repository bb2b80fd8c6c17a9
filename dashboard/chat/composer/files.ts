import { element } from '../../parts/elements.ts'
import type { Conversation } from '../model/types.ts'

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false

/** Files that are dropped on the target, or pasted into it, go up for the next message. */
export function acceptFiles(target: HTMLElement, conversation: Conversation, signal: AbortSignal): void {
  const over = element('div', { class: 'drop', 'aria-hidden': 'true' }, 'Drop files to attach them')
  const isWanted = (event: DragEvent): boolean => hasFiles(event) && conversation.rights.value.mayWrite
  target.classList.add('takes-files')

  target.addEventListener('dragenter', (event) => isWanted(event) && target.append(over), { signal })
  target.addEventListener(
    'dragleave',
    ({ relatedTarget }) => {
      if (!target.contains(relatedTarget as Node | null)) over.remove()
    },
    { signal },
  )
  target.addEventListener(
    'drop',
    (event) => {
      over.remove()
      if (isWanted(event)) conversation.upload([...(event.dataTransfer?.files ?? [])])
    },
    { signal },
  )
  target.addEventListener(
    'paste',
    (event) => {
      const { files, types } = event.clipboardData ?? {}
      // Word processors offer a picture of a text beside the text.
      if (!files?.length || types?.includes('text/plain') || !conversation.rights.value.mayWrite) return
      event.preventDefault()
      conversation.upload([...files])
    },
    { signal },
  )
  // Dropped beside the target, the file would take the page's place.
  for (const type of ['dragover', 'drop'] as const) {
    document.addEventListener(
      type,
      (event) => {
        if (!hasFiles(event)) return
        event.preventDefault()
        const isInside = isWanted(event) && target.contains(event.target as Node)
        if (event.dataTransfer) event.dataTransfer.dropEffect = isInside ? 'copy' : 'none'
      },
      { signal },
    )
  }
  signal.addEventListener('abort', () => {
    over.remove()
    target.classList.remove('takes-files')
  })
}

import { element, setText } from '../../parts/elements.ts'
import { icon, iconButton } from '../../parts/icon.ts'
import { sizeText } from '../../parts/size.ts'
import type { Conversation, Upload } from '../model/types.ts'

/** The files that go with the next message: how far each is up, and why one is not. */
export function createUploads(conversation: Conversation, signal: AbortSignal): HTMLElement {
  const list = element('ul', { class: 'uploads', 'aria-label': 'Files to send', hidden: true })
  const lines = new Map<number, ReturnType<typeof createLine>>()
  conversation.uploads.listen((uploads) => {
    const ids = new Set(uploads.map(({ id }) => id))
    for (const [id, line] of lines) {
      if (ids.has(id)) continue
      line.element.remove()
      lines.delete(id)
    }
    for (const upload of uploads) {
      const known = lines.get(upload.id)
      const line = known ?? createLine(upload, () => conversation.removeUpload(upload.id))
      line.show(upload)
      if (known) continue
      lines.set(upload.id, line)
      list.append(line.element)
    }
    list.hidden = uploads.length === 0
  }, signal)
  return list
}

function createLine({ name, size }: Upload, remove: () => void) {
  const progress = element('progress', { 'aria-label': `Upload of ${name}`, max: 1, value: 0 })
  const state = element('span', { class: 'dim' })
  const line = element(
    'li',
    { class: 'upload' },
    icon('file'),
    element('bdi', { class: 'upload-name', title: name }, name),
    state,
    progress,
    iconButton(`Remove ${name}`, 'close', remove),
  )
  return {
    element: line,
    show({ loaded, state: stage, error }: Upload): void {
      progress.value = size > 0 ? loaded / size : 1
      progress.hidden = stage !== 'sending'
      line.classList.toggle('failed', stage === 'failed')
      setText(state, stage === 'failed' ? (error ?? 'It did not get through.') : sizeText(size))
    },
  }
}

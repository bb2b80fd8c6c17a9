import type { ChatFile } from '../../../src/client/types.ts'
import { openDialog } from '../../parts/dialog.ts'
import { element } from '../../parts/elements.ts'
import { icon } from '../../parts/icon.ts'
import { sizeText } from '../../parts/size.ts'
import type { Scene } from './scene.ts'

/** Pictures are shown in a box of this size, in CSS pixels. */
const box = { width: 380, height: 300 }
const shown = /^image\/(png|jpeg|gif|webp|avif)$/

export const filesOf = (files: readonly ChatFile[], scene: Scene): HTMLElement[] =>
  files.map((file) =>
    shown.test(file.type) && file.width && file.height
      ? pictureOf(file, file.width, file.height, scene)
      : downloadOf(file, scene),
  )

/** Its place is as large as the picture from the beginning; the picture is fetched when that comes near to what is seen. */
function pictureOf(file: ChatFile, width: number, height: number, scene: Scene): HTMLElement {
  const scale = Math.min(1, box.width / width, box.height / height)
  const picture = element('img', { alt: file.name, decoding: 'async', draggable: 'false' })
  const button = element(
    'button',
    { type: 'button', class: 'image', title: file.name, onclick: () => openPicture(file, scene) },
    picture,
  )
  button.style.width = `${Math.max(24, Math.round(width * scale))}px`
  button.style.aspectRatio = `${width} / ${height}`
  scene.whenNear(button, () => void load(picture, file, scene))
  return button
}

async function load(picture: HTMLImageElement, file: ChatFile, scene: Scene): Promise<void> {
  // A link may end between being asked for and being followed; after another one it is the file that is gone.
  let attempts = 2
  picture.onerror = () => {
    scene.links.forget(file.id)
    if (--attempts > 0) void follow()
    else picture.closest('.image')?.classList.add('broken')
  }
  const follow = async (): Promise<void> => {
    try {
      picture.src = await scene.links.get(file.id)
    } catch {
      picture.closest('.image')?.classList.add('broken')
    }
  }
  await follow()
}

function openPicture(file: ChatFile, scene: Scene): void {
  const picture = element('img', { alt: file.name })
  openDialog({ title: file.name, className: 'show-picture' }, (close) => [
    picture,
    element(
      'div',
      { class: 'actions' },
      downloadLink(file, scene, 'Download'),
      element('button', { type: 'button', class: 'primary', onclick: close }, 'Close'),
    ),
  ])
  void load(picture, file, scene)
}

function downloadOf(file: ChatFile, scene: Scene): HTMLElement {
  const link = downloadLink(file, scene, '')
  link.className = 'file'
  link.append(
    icon('file'),
    element('span', { class: 'name', dir: 'auto' }, file.name),
    ' ',
    element('span', { class: 'size' }, sizeText(file.size)),
  )
  return link
}

/** The signed address is asked for when the pointer or the focus comes, and at the latest by the click. */
function downloadLink(file: ChatFile, scene: Scene, text: string): HTMLAnchorElement {
  const link = element('a', { href: file.url, download: file.name }, text)
  const sign = async (): Promise<void> => {
    link.href = await scene.links.get(file.id)
  }
  const prepare = (): void => void sign().catch(() => {})
  link.addEventListener('pointerenter', prepare)
  link.addEventListener('focus', prepare)
  link.addEventListener('click', (event) => {
    const url = scene.links.known(file.id)
    if (url !== null) {
      link.href = url
      return
    }
    event.preventDefault()
    sign().then(() => link.click(), scene.model.report)
  })
  return link
}

import { element } from './elements.ts'

/** What stands on buttons that have no text: lines of 24 by 24, drawn in the colour of the text. */
const shapes = {
  back: 'M15 5l-7 7 7 7',
  bellOff: 'M6 16V11a6 6 0 0 1 9-5.2M18 11v5l1.5 2H8M10 21h4M4 4l16 16',
  bin: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  check: 'M5 13l4 4L19 7',
  clip: 'M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.7 17a1.6 1.6 0 0 1-2.3-2.3l7.8-7.7',
  close: 'M6 6l12 12M18 6L6 18',
  compass: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM15.5 8.5l-2 5-5 2 2-5z',
  down: 'M12 5v14M6 13l6 6 6-6',
  file: 'M14 3H6v18h12V7zM14 3v4h4M9 12h6M9 16h6',
  group: 'M4 20v-2a4 4 0 0 1 4-4h4M10 10.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M18 13v8M14 17h8',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17',
  more: 'M5 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2zM12 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2zM19 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2z',
  people:
    'M2.5 20v-1.5a4.5 4.5 0 0 1 4.5-4.5h3a4.5 4.5 0 0 1 4.5 4.5V20M8.5 10.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M16 3.8a3.5 3.5 0 0 1 0 6.5M18 14.3a4.5 4.5 0 0 1 3.5 4.2V20',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6',
  react: 'M19.6 8.5a9 9 0 1 1-6-5.4M8.5 14a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01M20 2v5M17.5 4.5h5',
  reply: 'M9 7l-5 5 5 5M4 12h10a6 6 0 0 1 6 6v1',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21',
  send: 'M4 12l-1-8 19 8-19 8zM4 12h8',
  smile: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 14a4.5 4.5 0 0 0 8 0M9 9.5h.01M15 9.5h.01',
  unpin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6M4 4l16 16',
  write: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3M14 20h6',
} as const

export type IconName = keyof typeof shapes

const namespace = 'http://www.w3.org/2000/svg'

/** A picture that says nothing to a screen reader: what it stands on has the name. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg')
  const path = document.createElementNS(namespace, 'path')
  path.setAttribute('d', shapes[name])
  const attributes = { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' }
  for (const [attribute, value] of Object.entries(attributes)) svg.setAttribute(attribute, value)
  svg.append(path)
  return svg
}

/** A button that is an icon; its name is said to whoever hears the page, and shown to whoever points at it. */
export const iconButton = (
  name: string,
  shape: IconName,
  onclick: () => void,
  className = 'plain',
): HTMLButtonElement =>
  element(
    'button',
    { type: 'button', class: className, 'aria-label': name, title: name, onclick },
    icon(shape),
  )

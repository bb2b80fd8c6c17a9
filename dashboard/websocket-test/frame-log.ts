import { element } from '../parts/elements.ts'

export type Direction = 'sent' | 'received' | 'opened' | 'closed' | 'refused'

interface Row {
  readonly text: string
  readonly node: HTMLElement
}

/** So many rows are kept; of one frame so many characters are shown. */
const mostRows = 1_000
const mostCharacters = 20_000
/** Rows that come in a burst are shown together. */
const gatherMs = 30

const arrows: Readonly<Record<Direction, string>> = {
  sent: '↑',
  received: '↓',
  opened: '●',
  closed: '○',
  refused: '✕',
}

/** What went over the socket, the oldest first. */
export interface FrameLog {
  readonly element: HTMLElement
  /** `frame`: the text of one that was sent or received. */
  frame(direction: 'sent' | 'received', frame: string): void
  note(direction: 'opened' | 'closed' | 'refused', text: string): void
  /** As lines, for a report. */
  text(): string
}

export function createFrameLog(now: () => Date): FrameLog {
  const rows: Row[] = []
  let waiting: Row[] = []
  const log = element('div', { role: 'log', 'aria-label': 'Frames', tabindex: 0, class: 'panel log' })

  function add(direction: Direction, size: string, text: string): void {
    const time = clockTime(now())
    const row = {
      text: [time, direction, size, text].filter(Boolean).join(' '),
      node: element(
        'div',
        { class: `row ${direction}` },
        element(
          'p',
          {},
          element('time', {}, time),
          ` ${arrows[direction]} ${direction} `,
          element('span', {}, size),
        ),
        element('pre', {}, text),
      ),
    }
    if (waiting.push(row) === 1) setTimeout(show, gatherMs)
  }

  function show(): void {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
    const shown = waiting.slice(-mostRows)
    waiting = []
    rows.push(...shown)
    for (const { node } of rows.splice(0, Math.max(0, rows.length - mostRows))) node.remove()
    log.append(...shown.map(({ node }) => node))
    if (isAtEnd) log.scrollTop = log.scrollHeight
  }

  return {
    element: log,
    frame: (direction, frame) => add(direction, `${new TextEncoder().encode(frame).length} B`, pretty(frame)),
    note: (direction, text) => add(direction, '', text),
    text: () => [...rows, ...waiting].map(({ text }) => text).join('\n'),
  }
}

/** With its time zone's milliseconds: `14:03:07.042`. */
const clockTime = (at: Date): string =>
  `${[at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')}.${String(at.getMilliseconds()).padStart(3, '0')}`

/** Indented, if it is JSON, and without tokens: somebody may copy the log into a report. */
function pretty(frame: string): string {
  let text = frame
  try {
    text = JSON.stringify(
      JSON.parse(frame, (key, value) => (key === 'token' ? '(a token)' : value)),
      null,
      2,
    )
  } catch {
    // It is shown as it is.
  }
  const more = text.length - mostCharacters
  return more > 0 ? `${text.slice(0, mostCharacters)}\n… and ${more} characters more` : text
}

import { element } from '../../parts/elements.ts'
import { type Anchor, anchorAfter, anchorIn } from './anchor.ts'
import type { Row } from './rows.ts'
import { createStack } from './stack.ts'

/** What is shown of a row. `update` draws what differs from the row as it is now. */
export interface View {
  readonly element: HTMLElement
  update(): void
}

/** The rows near what is seen, as elements; the others are room above and below, as high as they were or will be. */
export interface RowWindow {
  /** What stands over the rows may change its height, too: it is measured. */
  setRows(rows: readonly Row[]): void
  viewOf(row: Row): View | undefined
  /** Those that are elements now. */
  readonly views: ReadonlyMap<Row, View>
  /** Draws in the next frame. */
  schedule(): void
  /** Scrolls to the row, and draws it at once. `nearest` does nothing where the whole of it is seen. */
  reveal(row: Row, where: 'center' | 'nearest' | 'top'): void
  /** Scrolls to the end, and stays there. */
  toEnd(): void
  readonly isAtEnd: boolean
  /** Whether what comes at the end may move what is seen. */
  holdStill(isHeld: boolean): void
  /** The last row of which the end is seen. */
  lastSeen(): Row | undefined
  /** Pixels between what is seen and the first row, and the end. */
  readonly before: number
  readonly after: number
}

interface Deps {
  readonly scroller: HTMLElement
  readonly content: HTMLElement
  readonly head: HTMLElement
  /** Before each drawing: for what the head shows, which may get another height by it. */
  onDraw(): void
  makeView(row: Row): View
  /** After the view has been drawn, or drawn again. */
  onDrawn(row: Row, view: View): void
  /** Before the view's element goes. */
  onDrop(row: Row, view: View): void
  /** After each drawing and each scrolling: all places are known. */
  onSettled(cause: 'drawn' | 'scrolled'): void
}

/** Of the rows that need not be drawn yet, so many are in one frame: none takes long. */
const spareStep = 16
/** Nearer to the end than this is at the end. */
const endPx = 24
/** What is scrolled to is so far from the edge. */
const edgePx = 12

export function createWindow(deps: Deps, signal: AbortSignal): RowWindow {
  const { scroller, content, head } = deps
  const above = element('div', { class: 'spacer' })
  const below = element('div', { class: 'spacer' })
  content.append(head, above, below)
  const views = new Map<Row, View>()
  const rowOf = new Map<Element, Row>()
  const stack = createStack()
  let start = 0
  let end = 0
  let top = 0
  let height = 0
  let frame = 0
  let isAtEnd = true
  let isHeld = false
  let aim: { row: Row; where: 'center' | 'nearest' | 'top' } | null = null
  let anchor: Anchor | null = null

  const sticks = (): boolean => isAtEnd && !isHeld
  const wantedTop = (): number => {
    const place = anchor && !sticks() ? stack.placeOf(anchor.row) - anchor.offset : stack.whole - height
    return Math.max(0, place)
  }

  function takeAnchor(): void {
    anchor = anchorIn(stack, top, height) ?? anchor
  }

  function setRows(next: readonly Row[]): void {
    const old = stack.rows
    stack.setRows(next)
    if (anchor && !stack.has(anchor.row)) anchor = anchorAfter(anchor, old, stack)
    if (anchor) {
      // What is drawn moves along with it.
      const moved = anchor.row.index - anchor.index
      start += moved
      end += moved
      anchor.index = anchor.row.index
    }
    start = Math.max(0, Math.min(start, stack.rows.length))
    end = Math.max(start, Math.min(end, stack.rows.length))
    schedule()
  }

  function choose(place: number, step: number): void {
    const { first, last, from, to } = stack.around(place, height)
    const isFar = first > end || last < start
    start = isFar ? first : Math.max(from, Math.min(first, start - step))
    end = isFar ? last : Math.min(to, Math.max(last, end + step))
  }

  const wantsMore = (): boolean => {
    const { from, to } = stack.around(top, height)
    return start > from || end < to
  }

  /** Puts the chosen rows into the document, keyed: an element that stays is not moved. */
  function place(): void {
    for (const [row, view] of views) {
      if (stack.has(row) && row.index >= start && row.index < end) continue
      deps.onDrop(row, view)
      views.delete(row)
      // When it comes back it has a new view, which nobody has drawn.
      versions.delete(row)
      rowOf.delete(view.element)
      sizes.unobserve(view.element)
      view.element.remove()
    }
    let cursor = above.nextSibling
    for (let i = start; i < end; i++) {
      const row = stack.rows[i]
      if (!row) continue
      let view = views.get(row)
      if (!view) {
        view = deps.makeView(row)
        views.set(row, view)
        rowOf.set(view.element, row)
        sizes.observe(view.element)
        unmeasured.push(row)
      } else if (versions.get(row) !== row.version) unmeasured.push(row)
      if (versions.get(row) !== row.version) {
        view.update()
        versions.set(row, row.version)
        deps.onDrawn(row, view)
      }
      if (view.element === cursor) cursor = cursor.nextSibling
      else content.insertBefore(view.element, cursor)
    }
    setHeight(above, stack.heightOf(0, start))
    setHeight(below, stack.heightOf(end, stack.rows.length))
  }
  let unmeasured: Row[] = []
  const versions = new WeakMap<Row, number>()

  /** Returns whether anything is as high as nobody thought. */
  function measure(): boolean {
    let isNew = false
    for (const row of unmeasured) {
      const view = views.get(row)
      if (!view) continue
      isNew = stack.setHeight(row, view.element.getBoundingClientRect().height) || isNew
    }
    unmeasured = []
    return stack.setHead(head.offsetHeight) || isNew
  }

  function scrollTo(place: number): void {
    const to = sticks() ? scroller.scrollHeight : place
    const was = scroller.scrollTop
    if (Math.abs(was - to) >= 1) scroller.scrollTop = to
    top = scroller.scrollTop
    isAtEnd = sticks() || scroller.scrollHeight - height - top <= endPx
    if (!anchor || isAtEnd || Math.abs(stack.placeOf(anchor.row) - anchor.offset - top) > 1) takeAnchor()
  }

  /** Makes what is aimed at the anchor. */
  function takeAim(): void {
    if (!aim) return
    const { row, where } = aim
    aim = null
    const from = stack.placeOf(row)
    const to = from + row.height
    const isWhole = from >= top && to <= top + height
    if (!stack.has(row) || (where === 'nearest' && isWhole && views.has(row))) return
    const offsets = {
      center: Math.max(edgePx, (height - row.height) / 2),
      nearest: to > top + height ? Math.max(edgePx, height - row.height - edgePx) : edgePx,
      top: edgePx,
    }
    isAtEnd = where === 'nearest' && row.index === stack.rows.length - 1
    anchor = { row, index: row.index, offset: offsets[where] }
  }

  function draw(): void {
    cancelAnimationFrame(frame)
    frame = 0
    if (signal.aborted) return
    height = scroller.clientHeight
    // It is not in the document yet, or not shown: it is drawn when it is.
    if (height === 0) return
    deps.onDraw()
    stack.setHead(head.offsetHeight)
    takeAim()
    // What is measured may show that more is needed, or less: the last pass has nothing new.
    for (let pass = 0; pass < 4; pass++) {
      choose(wantedTop(), pass === 0 ? spareStep : 0)
      place()
      if (!measure()) break
    }
    scrollTo(wantedTop())
    if (wantsMore()) schedule()
    deps.onSettled('drawn')
  }

  function schedule(): void {
    frame ||= requestAnimationFrame(draw)
  }

  const sizes = new ResizeObserver((entries) => {
    for (const { target, borderBoxSize } of entries) {
      const row = rowOf.get(target)
      const px = borderBoxSize[0]?.blockSize
      if (row && px !== undefined && scroller.clientHeight > 0 && stack.has(row)) stack.setHeight(row, px)
    }
    if (scroller.clientHeight !== height) schedule()
    height = scroller.clientHeight
    stack.setHead(head.offsetHeight)
    // Before anything is painted: nothing is seen to jump.
    if (height > 0 && stack.rows.length > 0) scrollTo(wantedTop())
    if (wantsMore()) schedule()
  })
  sizes.observe(scroller)
  sizes.observe(head)
  signal.addEventListener('abort', () => {
    sizes.disconnect()
    cancelAnimationFrame(frame)
  })

  scroller.addEventListener(
    'scroll',
    () => {
      const to = scroller.scrollTop
      if (Math.abs(to - top) < 1) return
      const isUp = to < top
      top = to
      const isNear = scroller.scrollHeight - scroller.clientHeight - to <= endPx
      if (isNear || isUp) isAtEnd = isNear
      takeAnchor()
      schedule()
      deps.onSettled('scrolled')
    },
    { passive: true, signal },
  )

  return {
    setRows,
    views,
    viewOf: (row) => views.get(row),
    schedule,
    reveal(row, where) {
      if (!stack.has(row)) return
      aim = { row, where }
      draw()
    },
    toEnd() {
      isAtEnd = true
      schedule()
    },
    get isAtEnd() {
      return isAtEnd
    },
    holdStill(held) {
      isHeld = held
    },
    lastSeen() {
      // Few rows stand at the lower edge, with room over them.
      const edge = top + height - Math.max(0, height - stack.whole) + 2
      const row = stack.rows[stack.indexAt(edge)]
      const isCut = row !== undefined && stack.placeOf(row) + row.height > edge
      return isCut ? stack.rows[row.index - 1] : row
    },
    get before() {
      return top - stack.head
    },
    get after() {
      return stack.whole - top - height
    },
  }
}

function setHeight(room: HTMLElement, px: number): void {
  const height = `${px}px`
  if (room.style.height !== height) room.style.height = height
}

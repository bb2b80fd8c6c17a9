import type { Row } from './rows.ts'

/** Rows that stand upon each other under a head: which place each has, and what is to be drawn where. All in pixels. */
export interface Stack {
  readonly rows: readonly Row[]
  readonly head: number
  readonly whole: number
  setRows(rows: readonly Row[]): void
  /** Both return whether it was another. */
  setHead(height: number): boolean
  setHeight(row: Row, height: number): boolean
  has(row: Row): boolean
  /** The upper edge of the row. */
  placeOf(row: Row): number
  /** Of these rows together. */
  heightOf(from: number, to: number): number
  /** Which row is at this height of the whole. */
  indexAt(place: number): number
  /** Where so much is seen from this height on: rows `first` to `last` have to be drawn, `from` to `to` may be. */
  around(place: number, height: number): { first: number; last: number; from: number; to: number }
}

/** Rows are drawn so many pixels around what is seen at once, */
const near = 400
/** and so many more on each side later: so a scroll seldom meets what is not drawn. */
const spare = 90
/** But never more than these in all. */
const mostRows = 290

export function createStack(): Stack {
  let rows: readonly Row[] = []
  let head = 0
  /** Where each row begins under the head, and behind them where the last one ends; true up to `known`. */
  let places = new Float64Array(1)
  let known = 0

  function placeAt(index: number): number {
    const to = Math.min(index, rows.length)
    for (; known < to; known++) places[known + 1] = (places[known] ?? 0) + (rows[known]?.height ?? 0)
    return places[to] ?? 0
  }

  function indexAt(place: number): number {
    placeAt(rows.length)
    let [low, high] = [0, Math.max(0, rows.length - 1)]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((places[middle + 1] ?? 0) < place - head) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    get rows() {
      return rows
    },
    get head() {
      return head
    },
    get whole() {
      return head + placeAt(rows.length)
    },
    setRows(next) {
      rows = next
      known = 0
      if (places.length <= rows.length) places = new Float64Array(rows.length * 2)
    },
    setHead(height) {
      const isOther = height !== head
      head = height
      return isOther
    },
    setHeight(row, height) {
      // Browsers count in parts of pixels, and not all of their ways of telling count the same.
      if (Math.abs(row.height - height) < 0.05) return false
      row.height = height
      known = Math.min(known, row.index)
      return true
    },
    has: (row) => rows[row.index] === row,
    placeOf: (row) => head + placeAt(row.index),
    heightOf: (from, to) => placeAt(to) - placeAt(from),
    indexAt,
    around(place, height) {
      const first = indexAt(place - near)
      const last = Math.min(rows.length, indexAt(place + height + near) + 1)
      const more = Math.max(0, Math.min(spare, (mostRows - (last - first)) >> 1))
      return { first, last, from: Math.max(0, first - more), to: Math.min(rows.length, last + more) }
    },
  }
}

/** Numbers below a bound, the highest first, and at most so many. */
export type Below = (bound: number, limit: number) => readonly number[]

const least = 64
const most = 1_024

/** One list of numbers, read a piece at a time. */
function createStream(below: Below, onRead: (count: number) => void) {
  let piece: readonly number[] = []
  let at = 0
  let size = least
  let asked = 0
  let hasMore = true

  /** The highest number of the list that is not above this one, which is lower each time; null when there is none. */
  return (place: number): number | null => {
    asked++
    while (at < piece.length && (piece[at] as number) > place) at++
    if (at === piece.length && hasMore) {
      // Where most of a piece was passed over, the next is far away.
      size = piece.length && asked * 2 >= piece.length ? Math.min(size * 2, most) : least
      piece = below(place + 1, size)
      hasMore = piece.length === size
      at = 0
      asked = 0
      onRead(piece.length + least)
    }
    return piece[at] ?? null
  }
}

export interface Together {
  readonly places: number[]
  /** All that is above was looked at; null when all was. */
  readonly down: number | null
}

/**
 * The numbers below a bound that are in all of these lists and in none of the others, the highest first, at most `limit`. It ends when
 * so many were read that it would take long, wherever that is.
 */
export function together(
  lists: { readonly all: readonly Below[]; readonly none: readonly Below[] },
  bound: number,
  limit: number,
  reads: number,
): Together {
  let left = reads
  const onRead = (count: number) => {
    left -= count
  }
  const all = lists.all.map((below) => createStream(below, onRead))
  const none = lists.none.map((below) => createStream(below, onRead))
  const places: number[] = []
  let place = bound - 1
  for (;;) {
    let lowest = place
    for (const stream of all) {
      const found = stream(lowest)
      if (found === null) return { places, down: null }
      lowest = found
    }
    const agree = all.every((stream) => stream(lowest) === lowest)
    if (agree) {
      if (!none.some((stream) => stream(lowest) === lowest)) places.push(lowest)
      if (places.length === limit) return { places, down: lowest }
      place = lowest - 1
    } else place = lowest
    if (left <= 0) return { places, down: place + 1 }
  }
}

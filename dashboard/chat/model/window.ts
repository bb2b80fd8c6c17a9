import type { Message } from '../../../src/client/types.ts'

/** Messages of one group, ascending by seq, each seq once. */
export interface MessageWindow {
  /** As they are now: the array is never changed, there is a new one after each change. */
  readonly messages: readonly Message[]
  readonly first: number | undefined
  readonly last: number | undefined
  get(id: string): Message | undefined
  /** Puts it at its place. A later `ver` that is there already stays. */
  put(message: Message): void
  /** The same for a page of them. */
  putAll(messages: readonly Message[]): void
  replace(messages: readonly Message[]): void
  /** Lets go of those for which this is true. */
  drop(isDropped: (message: Message) => boolean): void
}

export function createWindow(): MessageWindow {
  let list: Message[] = []
  let seqs = new Map<string, number>()
  /** Somebody has the array, so it must be copied before it is changed. */
  let isShared = false

  function own(): Message[] {
    if (isShared) list = list.slice()
    isShared = false
    return list
  }

  /** Where the seq is, or would be. */
  function placeOf(seq: number): number {
    let [low, high] = [0, list.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((list[middle]?.seq as number) < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  function put(message: Message): void {
    const last = list.at(-1)
    const place = last && last.seq < message.seq ? list.length : placeOf(message.seq)
    const there = list[place]
    if (there?.seq === message.seq) {
      if (there.ver > message.ver || there === message) return
      own()[place] = message
    } else own().splice(place, 0, message)
    seqs.set(message.id, message.seq)
  }

  function replace(messages: readonly Message[]): void {
    list = [...messages]
    isShared = false
    seqs = new Map(list.map(({ id, seq }) => [id, seq]))
  }

  return {
    get messages() {
      isShared = true
      return list
    },
    get first() {
      return list[0]?.seq
    },
    get last() {
      return list.at(-1)?.seq
    },
    get(id) {
      const seq = seqs.get(id)
      return seq === undefined ? undefined : list[placeOf(seq)]
    },
    put,
    putAll(messages) {
      const [first, last] = [messages[0], messages.at(-1)]
      if (!first || !last) return
      const before = list[0]
      // A page in front is put there at once, because each by itself would move all behind it.
      if (before && last.seq < before.seq) replace([...messages, ...list])
      else for (const message of messages) put(message)
    },
    replace,
    drop(isDropped) {
      const kept = list.filter((message) => !isDropped(message))
      if (kept.length !== list.length) replace(kept)
    },
  }
}

import type { Listener } from './listener.ts'

/**
 * One turn of the event loop writes to so many listeners, unless that takes longer than so many milliseconds, as it does when
 * the peers have just gone. The clock is read after so many writes.
 */
const perTurn = 1_000
const turnMs = 10
const perLook = 50

/**
 * Hands packets to all listeners of a group, to each in the order written. What one turn of the event loop brings goes
 * out as one packet; a crowd is served over several turns, and what comes meanwhile is gathered until all have the last.
 */
export interface Fanout extends Iterable<Listener> {
  readonly size: number
  /**
   * The packet goes out at the end of this turn, to those who listen now. A listener for whom `instead` has another packet gets that
   * in its place; an empty one is not written.
   */
  write(packet: Buffer, instead?: (listener: Listener) => Buffer | undefined): void
  /** Sends what was gathered now, before the end of the turn. A crowd is served over several turns even so. */
  flush(): void
  /** The listener gets what is written from now on. */
  join(listener: Listener): void
  /** The listener gets at once what was written before, and nothing after that. Returns false when it was not here. */
  leave(listener: Listener): boolean
}

/** A packet on its way: those who joined first have it already, those who joined after it was written don't get it. */
interface Delivery {
  readonly packet: Buffer
  readonly instead: ((listener: Listener) => Buffer | undefined) | undefined
  next: number
  readonly end: number
}

/** `onPacket` hears of each packet: how many writes it gathers, and how many listeners it is for. */
export function createFanout(
  onPacket?: (writes: number, listeners: number) => void,
  clock = () => performance.now(),
): Fanout {
  /** The index of each listener in `order`. A listener that left is a hole in `order`, because indexes must not shift during a delivery. */
  const places = new Map<Listener, number>()
  let order: (Listener | undefined)[] = []
  let gathered: Buffer[] = []
  const deliveries: Delivery[] = []
  let isScheduled = false

  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    setImmediate(turn)
  }

  function turn(): void {
    isScheduled = false
    if (!deliveries.length) sendGathered()
    serve(perTurn, clock() + turnMs)
    if (deliveries.length || gathered.length) schedule()
  }

  function send(packet: Buffer, instead: Delivery['instead'], writes: number): void {
    onPacket?.(writes, places.size)
    deliveries.push({ packet, instead, next: 0, end: order.length })
  }

  function sendGathered(): void {
    if (!gathered.length) return
    send(concat(gathered), undefined, gathered.length)
    gathered = []
  }

  /** Serves at most `most` listeners, fewer when fewer are waiting or the turn has no time left. */
  function serve(most: number, until: number): void {
    let left = most
    for (let delivery = deliveries[0]; delivery && left > 0; delivery = deliveries[0]) {
      for (; delivery.next < delivery.end && left > 0; delivery.next++) {
        const listener = order[delivery.next]
        if (!listener) continue
        left--
        deliver(listener, delivery)
        if (left % perLook === 0 && clock() >= until) left = 0
      }
      if (delivery.next >= delivery.end) deliveries.shift()
    }
  }

  function deliver(listener: Listener, { packet, instead }: Delivery): void {
    const own = instead?.(listener) ?? packet
    if (own.length) listener.deliver(own)
  }

  function flush(): void {
    sendGathered()
    if (!deliveries.length) return
    if (order.length <= perTurn) serve(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    else schedule()
  }

  /** Removes the holes once they are the greater part. It is called between deliveries only, because a delivery goes by index. */
  function compact(): void {
    if (deliveries.length || order.length < 64 || order.length < 2 * places.size) return
    order = [...places.keys()]
    for (const [place, listener] of order.entries()) if (listener) places.set(listener, place)
  }

  return {
    get size() {
      return places.size
    },
    [Symbol.iterator]: () => places.keys(),

    write(packet, instead) {
      if (!places.size) return
      if (instead) {
        sendGathered()
        send(packet, instead, 1)
      } else gathered.push(packet)
      schedule()
    },

    flush,

    join(listener) {
      flush()
      compact()
      places.set(listener, order.push(listener) - 1)
    },

    leave(listener) {
      const place = places.get(listener)
      if (place === undefined) return false
      for (const delivery of deliveries)
        if (delivery.next <= place && place < delivery.end) deliver(listener, delivery)
      if (gathered.length) listener.deliver(concat(gathered))
      places.delete(listener)
      order[place] = undefined
      if (!places.size) gathered = []
      return true
    },
  }
}

const concat = (packets: readonly Buffer[]): Buffer =>
  packets.length === 1 ? (packets[0] as Buffer) : Buffer.concat(packets)

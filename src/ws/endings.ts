import type { Socket } from 'node:net'

type Listener = (this: Socket) => void
type Ending = 'end' | 'close'

/** One turn of the event loop deals with so many connections that end or close, which is some 5 ms of work. */
const perTurn = 100

/** The listeners that `ws` adds to each of its sockets. The end of the session follows from them. */
const listeners: Partial<Record<Ending, Listener>> = {}
const waiting: { tcp: Socket; ending: Ending }[] = []
let endedNow = 0
let isScheduled = false

/**
 * To be called when `ws` has just begun to listen to the socket. When the connection ends, its work then waits for that of others in
 * the same turn, so that ten thousand connections that end at once do not hold up those that stay.
 */
export function endInTurn(tcp: Socket): void {
  defer(tcp, 'end', ended)
  defer(tcp, 'close', closed)
}

function defer(tcp: Socket, ending: Ending, later: Listener): void {
  const listener = tcp.listeners(ending).at(-1) as Listener | undefined
  if (!listener) return
  listeners[ending] = listener
  tcp.off(ending, listener)
  tcp.on(ending, later)
}

function ended(this: Socket): void {
  waiting.push({ tcp: this, ending: 'end' })
  endSome()
}

function closed(this: Socket): void {
  waiting.push({ tcp: this, ending: 'close' })
  endSome()
}

function endSome(): void {
  if (!isScheduled) {
    isScheduled = true
    endedNow = 0
    setImmediate(nextTurn)
  }
  while (endedNow < perTurn && waiting.length) {
    endedNow++
    const { tcp, ending } = waiting.shift() as (typeof waiting)[number]
    listeners[ending]?.call(tcp)
  }
}

function nextTurn(): void {
  isScheduled = false
  if (waiting.length) endSome()
}

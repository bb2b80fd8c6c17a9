import type { Socket } from 'node:net'

type Listener = (this: Socket) => void
type Ending = 'end' | 'close'

/** Ends and closings of connections that are dealt with in one turn of the event loop: some 5 ms of work. */
const perTurn = 100

/** What `ws` does for each of its sockets. The session's own end follows from it. */
const listeners: Partial<Record<Ending, Listener>> = {}
const waiting: { tcp: Socket; ending: Ending }[] = []
let endedNow = 0
let isScheduled = false

/**
 * To be called when `ws` has just begun to listen to the socket. What is to be done when the connection is gone then waits
 * until others in the same turn are dealt with, so that ten thousand who are gone at once hold up nobody who stays.
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

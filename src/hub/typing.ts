import type { TypingState } from '../domain/events.ts'
import { every } from '../domain/every.ts'
import { limits } from '../domain/limits.ts'

/** At most so many users are told to be typing at the same time, because nobody can read more. */
const mostTold = 10
/** A group is told at most so many new typers in the time in which a repeated start is told once: crowds that take turns cost no more. */
const mostStarts = 30
const repeatMs = limits.typingEveryMs
/** A typing that is not renewed is over after so many milliseconds. */
const lastsMs = 6_000
/** Another instance tells when a typing is over. If it can't, because it was killed, what it told last is over after so many. */
const lastsElsewhereMs = lastsMs + repeatMs
/** How often it is looked for what is over. */
const lookMs = 200

/** Where a user types: a socket of this instance, or another instance by its id. */
type Source = object | string

/**
 * Who types in one group, as a state: what was told last of a user is so. A typing begins by a start, lasts while it is renewed, and
 * ends for each socket by itself: by a stop, by the socket's end, or in time. A message of the user ends it on all of them.
 *
 * Of a crowd only the first few are told until they stop, and of one user who begins again and again a few starts: so a thousand
 * typers cost no more than ten. Of the others nothing is remembered; they are told when they renew it and there is room.
 */
export interface Typing {
  set(userId: string, source: Source, state: TypingState): void
  /** The user has sent a message. Other instances tell by themselves of what ends there by it. */
  sent(userId: string): void
  close(): void
}

export interface TypingEvent {
  userId: string
  state: TypingState
}

interface Deps {
  /** Tells the listeners here what one turn of the event loop brought. */
  emit(events: TypingEvent[]): void
  /** Tells the other instances who types on this one. */
  share(event: TypingEvent): void
  /** Counts milliseconds and never goes back. */
  clock(): number
}

/** What somebody was told of one typer. */
interface Told {
  state: TypingState
  /** When a start was told last. */
  startedAt: number
  /** That start came soon after the one before it; the next one has to wait. */
  isSoon: boolean
}

interface Typer {
  /** Until when each source is taken to be typing. */
  readonly sources: Map<Source, number>
  readonly here: Told
  readonly peers: Told
}

export function createTyping({ emit, share, clock }: Deps): Typing {
  const typers = new Map<string, Typer>()
  let gathered: TypingEvent[] = []
  /** Users who are told to be typing now, and starts that were told since `startsSince`. */
  let told = 0
  let starts = 0
  let startsSince = Number.NEGATIVE_INFINITY
  let stopLooking: (() => void) | undefined

  /** True when one more user may be told to be typing. */
  function hasRoom(): boolean {
    if (clock() - startsSince >= repeatMs) {
      startsSince = clock()
      starts = 0
    }
    return told < mostTold && starts < mostStarts
  }

  function tellHere(userId: string, state: TypingState): void {
    if (!gathered.length) setImmediate(emitGathered)
    gathered.push({ userId, state })
  }

  function emitGathered(): void {
    const events = gathered
    gathered = []
    emit(events)
  }

  /** Tells what has to be told of the user. `renewed`: where a start has just come from. */
  function settle(userId: string, { sources, here, peers }: Typer, renewed?: Source): void {
    const wasTold = here.state
    const mayStart = wasTold === 'start' || hasRoom()
    const state = advance(here, sources.size > 0, renewed !== undefined, mayStart, clock())
    if (state) tellHere(userId, state)
    if (here.state !== wasTold) {
      told += here.state === 'start' ? 1 : -1
      if (here.state === 'start') starts++
    }
    const shared = advance(peers, sources.keys().some(isOwn), isOwn(renewed), true, clock())
    if (shared) share({ userId, state: shared })
  }

  function look(): void {
    const at = clock()
    for (const [userId, typer] of typers) {
      for (const [source, until] of typer.sources) if (until <= at) typer.sources.delete(source)
      settle(userId, typer)
      // One who has stopped is remembered for a while, for the limit on beginning again.
      if (!typer.sources.size && at - typer.here.startedAt >= repeatMs) typers.delete(userId)
    }
    if (!typers.size) close()
  }

  function start(userId: string, source: Source): void {
    let typer = typers.get(userId)
    if (!typer) {
      if (!hasRoom()) return
      typer = { sources: new Map(), here: untold(), peers: untold() }
      typers.set(userId, typer)
      stopLooking ??= every(lookMs, look)
    }
    typer.sources.set(source, clock() + (isOwn(source) ? lastsMs : lastsElsewhereMs))
    settle(userId, typer, source)
  }

  function end(userId: string, sources: (typer: Typer) => Iterable<Source>): void {
    const typer = typers.get(userId)
    if (!typer) return
    for (const source of sources(typer)) typer.sources.delete(source)
    settle(userId, typer)
  }

  function close(): void {
    stopLooking?.()
    stopLooking = undefined
  }

  return {
    set(userId, source, state) {
      if (state === 'start') start(userId, source)
      else end(userId, () => [source])
    },
    sent: (userId) => end(userId, ({ sources }) => [...sources.keys()].filter(isOwn)),
    close,
  }
}

const isOwn = (source: Source | undefined): boolean => typeof source === 'object'

const untold = (): Told => ({ state: 'stop', startedAt: Number.NEGATIVE_INFINITY, isSoon: false })

/** What has to be told now, if anything is to be: `told` then says so. */
function advance(
  told: Told,
  isTyping: boolean,
  isRenewed: boolean,
  mayStart: boolean,
  at: number,
): TypingState | null {
  const isSoon = at - told.startedAt < repeatMs
  if (!isTyping) {
    if (told.state === 'stop') return null
    told.state = 'stop'
    return 'stop'
  }
  const isRepeated = told.state === 'start'
  if (!mayStart || (isRepeated ? isSoon || !isRenewed : isSoon && told.isSoon)) return null
  told.state = 'start'
  told.startedAt = at
  told.isSoon = isSoon
  return 'start'
}

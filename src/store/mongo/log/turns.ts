import { withTimeout } from '../../../domain/with-timeout.ts'

/**
 * Turns at a group's logs. An instance that is farther from the primary than others is too late for every number that a
 * busy group has next. So after some collisions in a row, or a slow one, it takes a turn: it asks the others to wait,
 * appends what it has, and lets them go on. Turns are told by signals. Each instance counts their time from when it
 * heard of them, so no two clocks are compared. The slots alone keep numbers apart, so a lost signal or two turns at
 * once do no harm.
 */
export interface Turns {
  /** A turn for one batch. Its `end` is to be called when the batch is settled. */
  of(groupId: string): Turn
  /** To be called for each signal, of this instance or another. */
  heard(signal: TurnSignal): void
}

export interface Turn {
  /** True when the others were asked to wait for this batch. */
  readonly isTaken: boolean
  /** To be awaited before each attempt. While another has a turn, this waits, but never longer than `turnMs`. */
  ready(): Promise<void> | undefined
  /** To be called when another took the number, and nothing of the batch was written. */
  collided(): void
  end(): void
}

export interface TurnSignal {
  kind: 'turn'
  from: string
  group_id: string
  is_taken: boolean
}

/** An instance that collides so often, or once after so many milliseconds, takes a turn. */
const maxCollisions = 4
const maxCollidingMs = 250
/** Milliseconds for a signal, a head and an insert between continents. A holder that is gone costs the others so much. */
const turnMs = 1_500

interface Deps {
  /** Different for each process. */
  instanceId: string
  /** Counts milliseconds and never goes back. */
  clock(): number
  send(signal: TurnSignal): void
}

/** The instances that a group's writers wait for. */
interface Others {
  /** By instance, the timer that ends its turn if the instance does not. */
  readonly timers: Map<string, NodeJS.Timeout>
  readonly gone: PromiseWithResolvers<void>
}

export const isTurnSignal = (signal: object): signal is TurnSignal =>
  'kind' in signal && signal.kind === 'turn'

export function createTurns({ instanceId, clock, send }: Deps): Turns {
  const waitedFor = new Map<string, Others>()

  function begin(groupId: string, holder: string): void {
    const others = waitedFor.get(groupId) ?? { timers: new Map(), gone: Promise.withResolvers() }
    waitedFor.set(groupId, others)
    clearTimeout(others.timers.get(holder))
    others.timers.set(holder, setTimeout(end, turnMs, groupId, holder).unref())
  }

  function end(groupId: string, holder: string): void {
    const others = waitedFor.get(groupId)
    if (!others) return
    clearTimeout(others.timers.get(holder))
    others.timers.delete(holder)
    if (others.timers.size) return
    waitedFor.delete(groupId)
    others.gone.resolve()
  }

  /** Without a limit, others that take turns one after the other could keep this instance from writing for good. */
  const wait = (gone: Promise<void>): Promise<void> => withTimeout(gone, turnMs, () => undefined)

  return {
    of(groupId) {
      let collisions = 0
      let since = clock()
      let isTaken = false
      const tell = (is_taken: boolean) =>
        send({ kind: 'turn', from: instanceId, group_id: groupId, is_taken })
      return {
        get isTaken() {
          return isTaken
        },

        ready() {
          const others = waitedFor.get(groupId)
          if (!others || isTaken) return undefined
          return wait(others.gone.promise).then(() => {
            since = clock()
          })
        },

        collided() {
          collisions++
          isTaken ||= collisions >= maxCollisions || clock() - since > maxCollidingMs
          // The turn lasts because it is told again at each collision.
          if (isTaken) tell(true)
        },

        end() {
          if (isTaken) tell(false)
        },
      }
    },

    heard({ from, group_id, is_taken }) {
      if (from === instanceId) return
      if (is_taken) begin(group_id, from)
      else end(group_id, from)
    },
  }
}

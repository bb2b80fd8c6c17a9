import { every } from '../domain/every.ts'
import { withTimeout } from '../domain/with-timeout.ts'
import type { Store } from './store.ts'

/** Whether the store answers, asked once a second. */
export interface Health {
  readonly isUp: boolean
  stop(): void
}

interface Deps {
  store: Pick<Store, 'ping'>
  /** Counts milliseconds and never goes back. */
  clock: () => number
  /** The store went away, or is back after so many milliseconds. */
  onChange(isUp: boolean, awayMs: number): void
  /** The store has been away for `giveUpMs`. Called once for each time it is away. */
  onGivenUp(): void
  giveUpMs: number
  askEveryMs?: number
  timeoutMs?: number
}

export function createHealth(deps: Deps): Health {
  const { store, clock, giveUpMs, askEveryMs = 1_000, timeoutMs = 2_000 } = deps
  let awaySince: number | undefined
  let givenUp = false

  async function ask(): Promise<void> {
    const isUp = await answers(store, timeoutMs)
    if (isUp && awaySince !== undefined) {
      deps.onChange(true, clock() - awaySince)
      awaySince = undefined
      givenUp = false
    } else if (!isUp && awaySince === undefined) {
      awaySince = clock()
      deps.onChange(false, 0)
    }
    if (awaySince !== undefined && !givenUp && clock() - awaySince >= giveUpMs) {
      givenUp = true
      deps.onGivenUp()
    }
  }

  const stop = every(askEveryMs, ask)
  return {
    get isUp() {
      return awaySince === undefined
    },
    stop,
  }
}

const answers = (store: Pick<Store, 'ping'>, timeoutMs: number): Promise<boolean> =>
  withTimeout(
    store.ping().then(() => true),
    timeoutMs,
    () => false,
  ).catch(() => false)

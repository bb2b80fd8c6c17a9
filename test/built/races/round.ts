import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestSocket } from '../../support/socket.ts'
import type { Instance } from '../cluster.ts'
import { seededRandom } from '../random.ts'
import { type Batch, createBatch } from './batch.ts'
import type { Pair, PairOptions } from './pair.ts'

/** Of each race: some thousands by `npm run test:long`. */
export const rounds = Number(process.env.RACES ?? 5)
/** The same seed brings the same moments; what meets in them is chance. */
export const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
/** Most failures that are told of one race. */
const mostTold = 10

/** Something that two instances may do at the same time, and what must come of it. */
export interface Race {
  /** What must come of it. */
  readonly name: string
  /** Rounds that run at the same time, each with a group of its own. */
  readonly width: number
  /** How much later `b` hears of what happens, at most, in milliseconds; if it matters. */
  readonly lagMs?: number
  /** It does to its instances what no other race could bear: they are its own. */
  readonly isAlone?: boolean
  /** Of its own instances; both, unless it is about those that wait. */
  readonly patient?: PairOptions['patient']
  /** Settings of its own instances. */
  readonly env?: PairOptions['env']
  /** Rejects when it came otherwise. */
  round(round: Round): Promise<void>
}

/** One try. */
export interface Round extends Pick<Batch, 'together'> {
  readonly pair: Pair
  readonly number: number
  /** A name that no other round has, of any race. */
  name(of: string): string
  random(): number
  /** Resolves at a moment within so many milliseconds. */
  moment(withinMs: number): Promise<void>
  /** A socket that ends with the round. `path`: below the prefix. */
  open(at: Instance, user: string, path: string, after?: string): Promise<TestSocket>
  /** To be done when the round has ended, however it ended. */
  defer(undo: () => unknown): void
}

let named = 0

/** Runs all rounds, whatever becomes of each, and throws when one failed. */
export async function run(t: TestContext, race: Race, pair: Pair): Promise<void> {
  let failed = 0

  async function runOne(number: number, { together, end }: Batch): Promise<void> {
    const random = seededRandom(seed + number)
    const id = ++named
    const name = (of: string) => `${of}-${id}`
    const moment = (withinMs: number) => sleep(random() * withinMs)
    await using undo = new AsyncDisposableStack()
    const defer: Round['defer'] = (work) => undo.defer(async () => void (await work()))
    const open: Round['open'] = async (...where) => {
      const socket = await pair.open(...where)
      defer(() => socket.ws.terminate())
      return socket
    }
    try {
      await race.round({ pair, number, name, random, moment, open, defer, together })
    } catch (error) {
      const what = error instanceof Error ? error.message : error
      if (++failed <= mostTold) t.diagnostic(`${race.name}: round ${number} (SEED=${seed}): ${what}`)
    } finally {
      end()
    }
  }

  pair.heal(race.lagMs)
  const began = performance.now()
  for (let first = 0; first < rounds; first += race.width) {
    const size = Math.min(race.width, rounds - first)
    const batch = createBatch(size)
    await Promise.all(Array.from({ length: size }, (_, i) => runOne(first + i, batch)))
  }
  const seconds = Math.round((performance.now() - began) / 1_000)
  t.diagnostic(`${failed} of ${rounds} rounds failed, ${seconds} s`)
  assert.equal(failed, 0, 'rounds that failed')
}

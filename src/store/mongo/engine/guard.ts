import { setTimeout as sleep } from 'node:timers/promises'
import { withTimeout } from '../../../domain/with-timeout.ts'
import { mayPass, toChatError, unavailable } from './failure.ts'

/**
 * Stands before every operation of the store: it limits the time, names the errors, and shuts when the store closes.
 */
export interface Guard {
  /** After `limitMs` the caller is told `unavailable`, whatever becomes of the operation. */
  pass<A extends unknown[], R>(
    operation: (...args: A) => Promise<R>,
    limitMs?: number,
  ): (...args: A) => Promise<R>
  /** The same for an operation that changes nothing, which is tried again within the limit. */
  passRead<A extends unknown[], R>(
    operation: (...args: A) => Promise<R>,
    limitMs: number,
  ): (...args: A) => Promise<R>
  /** Both, with the same limit; `noun` stands before all operations of one, of which those named change nothing. */
  within(limitMs: number): { pass: Pass; read: Pass; noun: NounPass }
  /** Stands before all operations of a noun that may take as long as a client does. */
  patient<Noun extends object>(operations: Noun): Noun
  /** Lets no new operation in. Resolves when all that are inside have ended, or their callers were told `unavailable`. */
  shut(): Promise<void>
}

type Pass = <A extends unknown[], R>(operation: (...args: A) => Promise<R>) => (...args: A) => Promise<R>

type NounPass = <Noun extends object>(operations: Noun, reads: readonly (keyof NoInfer<Noun>)[]) => Noun

/** The pause before another try, in milliseconds. It is short, because the driver has waited for a server already. */
const retryMs = 100

export function createGuard(): Guard {
  const inside = new Set<Promise<unknown>>()
  let isShut = false

  const guard: Guard = {
    pass: (operation, limitMs) =>
      async function passed(...args) {
        if (isShut) throw unavailable()
        const entered = operation(...args)
        const work = limitMs === undefined ? entered : withTimeout(entered, limitMs, failUnavailable)
        inside.add(work)
        try {
          return await work
        } catch (error) {
          throw toChatError(error)
        } finally {
          inside.delete(work)
        }
      },

    within(limitMs) {
      const pass: Pass = (operation) => guard.pass(operation, limitMs)
      const read: Pass = (operation) => guard.passRead(operation, limitMs)
      const noun: NounPass = (operations, reads) =>
        eachOf(operations, (operation, name) =>
          (reads.some((each) => each === name) ? read : pass)(operation),
        )
      return { pass, read, noun }
    },

    patient: (operations) => eachOf(operations, (operation) => guard.pass(operation)),

    passRead: (operation, limitMs) => guard.pass(again(operation, limitMs), limitMs),

    async shut() {
      isShut = true
      await Promise.allSettled(inside)
    },
  }
  return guard
}

type AnyOperation = (...args: never[]) => Promise<unknown>

/** The same object with something before each of its operations. */
const eachOf = <Noun extends object>(
  operations: Noun,
  before: (operation: AnyOperation, name: string) => AnyOperation,
): Noun =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [name, before(operation, name)]),
  ) as Noun

function failUnavailable(): never {
  throw unavailable()
}

const again = <A extends unknown[], R>(operation: (...args: A) => Promise<R>, limitMs: number) =>
  async function tried(...args: A): Promise<R> {
    const end = performance.now() + limitMs
    for (;;) {
      try {
        return await operation(...args)
      } catch (error) {
        if (!mayPass(error) || performance.now() + retryMs > end) throw error
        await sleep(retryMs)
      }
    }
  }

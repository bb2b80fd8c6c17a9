import { ChatError, type ErrorCode } from '../domain/errors.ts'
import type { Store } from './store.ts'

/** How one store operation went. `failed`: it threw what is not a ChatError, which is a bug. */
export type Report = (operation: string, durationMs: number, outcome: 'ok' | ErrorCode | 'failed') => void

/** The same store, with every operation reported once it is settled; `watch`, which only listens, is none. */
export function observed<S extends Store>(store: S, report: Report): S {
  const copy: S & Record<string, unknown> = Object.create(store)
  const define = (name: string, value: unknown) =>
    Object.defineProperty(copy, name, { value, enumerable: true })
  for (const [name, method] of Object.entries(store))
    if (typeof method === 'function' && name !== 'watch')
      define(name, reported(name, method as Operation, report))
  return copy
}

type Operation = (...args: unknown[]) => Promise<unknown>

function reported(name: string, operation: Operation, report: Report): Operation {
  return async (...args) => {
    const start = performance.now()
    try {
      const result = await operation(...args)
      report(name, performance.now() - start, 'ok')
      return result
    } catch (error) {
      report(name, performance.now() - start, error instanceof ChatError ? error.code : 'failed')
      throw error
    }
  }
}

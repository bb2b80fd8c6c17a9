import { ChatError, type ErrorCode } from '../domain/errors.ts'
import type { Store } from './store.ts'

/** How one store operation ended. `failed` means that it threw no ChatError, which is a bug. */
export type Report = (operation: string, durationMs: number, outcome: 'ok' | ErrorCode | 'failed') => void

/**
 * The same store, with every operation reported once it is settled: `groups.read`, `messages.append`, `ping`. `watch` is not
 * reported, because it only listens.
 */
export function observed<S extends Store>(store: S, report: Report): S {
  return copy(store, '', report)
}

/** A copy that reports its operations and those of its nouns, and inherits the rest. */
function copy<T extends object>(source: T, prefix: string, report: Report): T {
  const made: T = Object.create(source)
  for (const [name, part] of Object.entries(source)) {
    if (name === 'watch') continue
    const value =
      typeof part === 'function'
        ? reported(prefix + name, part as Operation, report)
        : typeof part === 'object' && part !== null
          ? copy(part, `${name}.`, report)
          : part
    if (value !== part) Object.defineProperty(made, name, { value, enumerable: true })
  }
  return made
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

import { withTimeout } from '../../../domain/with-timeout.ts'
import { failHung } from './hang-guard.ts'

/** What works beside the requests. `stop` resolves when it has ended. */
interface Part {
  stop(): Promise<void>
}

interface Deps {
  /** Lets no new operation in; resolves when those under way have ended. */
  shut(): Promise<void>
  parts: readonly Part[]
  /** They are stopped after the others, one by one, because the parts give them work until they have ended. */
  last: readonly Part[]
  connections: readonly { close(): Promise<void> }[]
  /** No step waits longer than so many milliseconds. */
  limitMs: number
  onError(error: unknown): void
}

/** Ends a store in order. Whoever calls again waits for the same end. */
export function createClosing(deps: Deps): () => Promise<void> {
  const { shut, parts, last, connections, limitMs, onError } = deps
  let closed: Promise<void> | undefined

  /** An operation of the driver that hangs ends when its connection is taken away, and not before. */
  const unlessHung = (stopping: Promise<void>): Promise<void> =>
    withTimeout(stopping, limitMs, failHung).catch(onError)

  async function close(): Promise<void> {
    await unlessHung(shut())
    await Promise.all(parts.map((part) => unlessHung(part.stop())))
    for (const part of last) await unlessHung(part.stop())
    await Promise.all(connections.map((each) => each.close()))
  }

  return () => (closed ??= close())
}

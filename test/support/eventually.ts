import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

const patienceMs = 10_000

/** Resolves when the condition holds; rejects when it still does not after `withinMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = patienceMs,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(10)
  }
}

/** The same for what happens in this process. The condition is checked in each turn of the event loop. */
export async function inSomeTurn(holds: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${patienceMs} ms: ${holds}`)
    await turn()
  }
}

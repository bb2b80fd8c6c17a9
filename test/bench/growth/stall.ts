import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds in which what was begun by the work comes to an end. */
const aftermathMs = 50

/**
 * The longest turn of this process's event loop while the work ran, and just after it: milliseconds of CPU of the main thread.
 * On a machine that has nothing else to do they are what others have to wait; what else it has to do is left out.
 */
export async function stallDuring(work: () => Promise<unknown>): Promise<number> {
  await sleep(aftermathMs)
  let longest = 0
  let before = cpuMs()
  let isOver = false
  const ended = new Promise<void>((resolve) => {
    const turn = () => {
      const now = cpuMs()
      longest = Math.max(longest, now - before)
      before = now
      if (isOver) resolve()
      else setImmediate(turn)
    }
    setImmediate(turn)
  })
  await work()
  await sleep(aftermathMs)
  isOver = true
  await ended
  return longest
}

/** CPU of this thread so far, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

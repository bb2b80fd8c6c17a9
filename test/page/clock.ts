import type { Clock } from '../../dashboard/chat/model/clock.ts'

/** Time that goes by when a test says so. */
export interface TestClock extends Clock {
  advance(ms: number): void
}

export function createTestClock(start = 0): TestClock {
  let time = start
  let timers: { readonly at: number; readonly run: () => void }[] = []
  return {
    now: () => time,
    after(ms, run) {
      const timer = { at: time + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    advance(ms) {
      const end = time + ms
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers = timers.filter((each) => each !== next)
        time = Math.max(time, next.at)
        next.run()
      }
      time = end
    },
  }
}

/**
 * Does the work each `ms`, for as long as the process has something else to live for; with `atOnce` the first time now. Where it takes
 * longer than that, the next time is left out: it is never done twice at once. The work sees to its own errors. Returns the way to stop.
 */
export function every(ms: number, work: () => unknown, { atOnce = false } = {}): () => void {
  let isRunning = false

  function run(): void {
    if (isRunning) return
    const done = work()
    if (!(done instanceof Promise)) return
    isRunning = true
    done.finally(() => {
      isRunning = false
    })
  }

  const timer = setInterval(run, ms).unref()
  if (atOnce) run()
  return () => clearInterval(timer)
}

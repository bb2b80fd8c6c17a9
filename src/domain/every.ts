/**
 * Does the work each `ms`, and with `atOnce` also now. It does not keep the process alive. While the work is under way it is not begun
 * again: the next time is left out. The work has to handle its own errors. Returns the way to stop.
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

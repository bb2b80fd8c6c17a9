/** Tells the parent where the peer listens, and lets it ask for a garbage collection and for the CPU used. */
export function serveParent(port: number): void {
  process.on('message', (ask: 'collect' | 'cpu') => {
    // As when memory is short: what is free goes back to the system.
    if (ask === 'collect') global.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuSeconds: (user + system) / 1e6 })
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ port })
}

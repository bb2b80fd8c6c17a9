/**
 * Settles as the work does. If that takes longer than `ms`, it settles with what `onLate` returns or throws instead; the work goes on,
 * and its outcome is ignored.
 */
export function withTimeout<T, L>(work: Promise<T>, ms: number, onLate: () => L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(onLate())
      } catch (error) {
        reject(error)
      }
    }, ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

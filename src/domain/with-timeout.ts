/**
 * Settles as the work does, or after `ms` as `onLate` has it: with what that returns or throws. The work itself goes on, and whatever
 * becomes of it then is nobody's concern.
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

/** Rejects with `why()` when the work takes longer than `ms`; whatever becomes of it then. */
export function withTimeout<T>(work: Promise<T>, ms: number, why: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(why()), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** More than all time-outs of one operation together, in milliseconds. */
export const hungMs = 15_000

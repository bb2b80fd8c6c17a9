const margin = '400px 0px'

/** Calls back, once, when an element comes near to what is seen of the log. */
export function createNearness(
  log: HTMLElement,
  signal: AbortSignal,
): (element: Element, run: () => void) => void {
  const waiting = new WeakMap<Element, () => void>()
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue
        observer.unobserve(target)
        waiting.get(target)?.()
      }
    },
    { root: log, rootMargin: margin },
  )
  signal.addEventListener('abort', () => observer.disconnect())
  return (element, run) => {
    waiting.set(element, run)
    observer.observe(element)
  }
}

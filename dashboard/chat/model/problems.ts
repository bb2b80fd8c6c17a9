import { type Cell, createCell } from './cell.ts'
import type { Clock } from './clock.ts'
import type { Problem } from './types.ts'

/** What the user has to know for some seconds. */
export interface Problems {
  readonly cell: Cell<readonly Problem[]>
  /** Tells a refusal in the service's own words. */
  report(error: unknown): void
  tell(text: string): void
}

const shownMs = 8_000

export function createProblems({ after }: Clock): Problems {
  const cell = createCell<readonly Problem[]>([])
  let lastId = 0

  function tell(text: string): void {
    const id = ++lastId
    // The same sentence twice is one that stays longer.
    cell.set([...cell.value.filter((problem) => problem.text !== text), { id, text }])
    after(shownMs, () => cell.set(cell.value.filter((problem) => problem.id !== id)))
  }

  return {
    cell,
    tell,
    report(error) {
      const { code, detail } = (error ?? {}) as { code?: string; detail?: string }
      if (code === 'offline') return tell('The service can’t be reached right now.')
      tell(detail ?? (error instanceof Error ? error.message : String(error)))
    },
  }
}

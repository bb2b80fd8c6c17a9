import type { Api } from '../api.ts'

/** Tells the service what was shown, so that other places of the same person know what is new. */
export interface ReadMarks {
  /** All up to this message was shown. */
  read(seq: number): void
}

/** One mark is under way at a time; what is shown meanwhile goes with the next. */
export function createReadMarks(api: Api, groupId: string): ReadMarks {
  let wanted = 0
  let marked = 0
  let isBusy = false

  async function mark(): Promise<void> {
    isBusy = true
    while (wanted > marked) {
      const seq = wanted
      // A guest or an operator has no marks, and a mark that is lost does no harm: a later one covers it.
      await api.call('PUT', `/groups/${groupId}/read`, { seq }).catch(() => undefined)
      marked = seq
    }
    isBusy = false
  }

  return {
    read(seq) {
      wanted = Math.max(wanted, seq)
      if (!isBusy) void mark()
    },
  }
}

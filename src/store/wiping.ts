import { type StepwiseDeps, startStepwise, upToLimit } from './stepwise.ts'
import type { Store } from './store.ts'

/** So many are wiped at once, so that sends get their turn in between. */
const perStep = 200

interface Deps extends Omit<StepwiseDeps, 'leases'> {
  store: Pick<Store, 'lease'> & { messages: Pick<Store['messages'], 'wipe'> }
  now: () => number
  /** For so many milliseconds a deleted message's text is kept; null for good. */
  keptMs: number | null
}

/** Wipes the texts of messages that were deleted long enough ago. */
export function createWiping({ store, now, keptMs, ...rest }: Deps): { stop(): void } {
  if (keptMs === null) return { stop: () => undefined }
  return startStepwise(
    { ...rest, leases: store.lease },
    {
      name: 'wiping',
      step: () => upToLimit(perStep, (limit) => store.messages.wipe(now() - keptMs, limit)),
      onDone: (wiped) => rest.log.info('deleted_texts_wiped', { wiped }),
      failed: 'wiping_failed',
    },
  )
}

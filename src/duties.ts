import type { Chat } from './chat/chat.ts'
import { every } from './domain/every.ts'
import { type StepwiseDeps, startStepwise } from './store/stepwise.ts'

interface Deps extends StepwiseDeps {
  chat: Pick<Chat, 'retention' | 'erasures'>
  /** Closes the sockets of users whose tokens are refused by now. */
  dismissRefused(): void
}

/** So often an instance hears which users are refused, in milliseconds. */
const refreshEveryMs = 2_000
const retentionEveryMs = 60_000
/** So often it is looked for erasures that were cut, which nobody is at any more some seconds after a crash. */
const erasuresEveryMs = 5_000

/** What an instance does beside requests for what an operator owes. Resolves when it knows which users are refused, if the store tells. */
export async function startDuties({
  chat,
  dismissRefused,
  ...deps
}: Deps): Promise<{ stop(): Promise<void> }> {
  const { log } = deps
  const { retention, erasures } = chat
  const clearing = startStepwise(deps, {
    name: 'retention',
    everyMs: retentionEveryMs,
    step: retention.step,
    onDone: (cleared) => log.info('history_cleared', { cleared }),
    failed: 'retention_failed',
  })
  retention.onWanted(clearing.wake)
  const refresh = () => erasures.refresh().catch((error) => log.warn('refused_users_not_read', { error }))
  erasures.onRefused(dismissRefused)
  await refresh()
  const stopRefresh = every(refreshEveryMs, refresh)
  const goOn = async () => {
    try {
      const ended = await erasures.goOn()
      if (ended) log.info('erasures_ended', { ended })
    } catch (error) {
      log.warn('erasure_failed', { error })
    }
  }
  const stopGoingOn = every(erasuresEveryMs, goOn, { atOnce: true })
  return {
    async stop() {
      clearing.stop()
      stopRefresh()
      stopGoingOn()
      await erasures.stop()
    },
  }
}

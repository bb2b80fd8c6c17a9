import type { Signals } from '../store/signals.ts'
import type { Directory } from './directory.ts'

/**
 * The same signals, which are heard when the directory knows whom they name. They stay in their order, so that one which has to wait
 * holds up those after it.
 */
export function knownSignals(signals: Signals, directory: Pick<Directory, 'know'>): Signals {
  return {
    send: signals.send,

    listen(handler) {
      let last: Promise<void> | undefined
      signals.listen((signal) => {
        const looked = directory.know(usersIn(signal))
        if (!looked && !last) return handler(signal)
        const turn = (last ?? Promise.resolve()).then(() => looked).then(() => handler(signal))
        const ended = turn
          .catch(() => undefined)
          .then(() => {
            if (last === ended) last = undefined
          })
        last = ended
      })
    },
  }
}

/** The users whom a signal of `hub/peers.ts` names. */
function usersIn(signal: Record<string, unknown>): string[] {
  const found = new Set<string>()
  const add = (userId: unknown) => typeof userId === 'string' && found.add(userId)
  add(signal.user_id)
  for (const read of listIn(signal.reads)) add(listIn(read)[0])
  for (const group of listIn(signal.groups)) for (const user of listIn(listIn(group)[1])) add(listIn(user)[0])
  const event = signal.event as { message?: { senderId?: unknown } } | undefined
  add(event?.message?.senderId)
  return [...found]
}

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

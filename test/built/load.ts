import { setTimeout as sleep } from 'node:timers/promises'
import { RefusedError } from '../../src/client/client.ts'
import type { MessageView } from '../../src/domain/message.ts'
import type { Api } from '../support/api.ts'
import type { Listener } from './listener.ts'
import { untilAnswered } from './until-answered.ts'

/** All that the service said it has for good. */
export interface Ledger {
  /** Each message as it was acknowledged when sent. */
  readonly sent: MessageView[]
  /** Each message as it was acknowledged after an edit or a delete. */
  readonly changed: MessageView[]
}

/** Somebody in a group: listens by WebSocket, and sends and edits by it or by REST. */
export interface Person extends Pick<Listener, 'client' | 'userId'> {
  readonly groupId: string
  readonly api: Api
}

/** Sends, edits and deletes in the person's name until `over`; resolves when all of it is answered. */
export async function chat(
  { client, api, groupId, userId }: Person,
  ledger: Ledger,
  random: () => number,
  over: AbortSignal,
): Promise<void> {
  const own: string[] = []
  const pick = () => own[Math.floor(random() * own.length)] ?? ''
  for (let n = 0; !over.aborted; n++) {
    await sleep(random() * 200)
    const dice = random()
    const text = `${userId} ${n} ${dice}`
    if (dice < 0.7 || own.length === 0) {
      const send =
        dice < 0.35 ? client.send(text) : untilAnswered(() => api.send(groupId, text, { clientId: text }))
      const message = await send
      own.push(message.id)
      ledger.sent.push(message)
    } else {
      const id = pick()
      const change = dice < 0.95 ? client.edit(id, text) : client.remove(id)
      await change.then(
        (message) => ledger.changed.push(message),
        (error) => {
          // It was deleted before.
          if (!(error instanceof RefusedError && error.code === 'not_found')) throw error
        },
      )
    }
  }
}

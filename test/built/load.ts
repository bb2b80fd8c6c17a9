import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatError } from '../../src/client/client.ts'
import type { MessageView } from '../../src/domain/message.ts'
import type { Api } from '../support/api.ts'
import type { Listener } from './listener.ts'
import { untilAnswered } from './until-answered.ts'

/** What is asked of a message in the end. */
type Changed = Pick<MessageView, 'id' | 'group_id' | 'seq' | 'ver' | 'content' | 'is_deleted'>

/** All that the service said it has for good. */
export interface Ledger {
  /** Each message as it was acknowledged when sent. */
  readonly sent: Changed[]
  /** Each message as it was acknowledged after an edit or a delete. */
  readonly changed: Changed[]
}

/** Somebody in a group: listens by WebSocket, and sends and edits by it or by REST. */
export interface Person extends Pick<Listener, 'group' | 'userId'> {
  readonly groupId: string
  readonly api: Api
}

/** Sends, edits and deletes in the person's name until `over`; resolves when all of it is answered. */
export async function chat(
  { group, api, groupId, userId }: Person,
  ledger: Ledger,
  random: () => number,
  over: AbortSignal,
): Promise<void> {
  const own: Changed[] = []
  for (let n = 0; !over.aborted; n++) {
    await sleep(random() * 200)
    const dice = random()
    const text = `${userId} ${n} ${dice}`
    if (dice < 0.7 || own.length === 0) {
      const send =
        dice < 0.35 ? group.send(text) : untilAnswered(() => api.send(groupId, text, { clientId: text }))
      const message = await send
      own.push(message)
      ledger.sent.push(message)
    } else {
      const message = own[Math.floor(random() * own.length)] as Changed
      const change: Promise<Changed> =
        dice < 0.95
          ? untilAnswered(() => group.edit(message.id, text))
          : untilAnswered(() => group.delete(message.id)).then(() => ({ ...message, is_deleted: true }))
      await change.then(
        (changed) => ledger.changed.push(changed),
        (error: ChatError) => {
          // It was deleted before.
          if (error.code !== 'not_found') throw error
        },
      )
    }
  }
}

import type { ExportStore } from '../exports.ts'
import { isNumbered, keptMessage, type NumberedDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { toMessages } from './whole-messages.ts'

const perPage = 100

export function createExports(connection: Connection): ExportStore {
  const { messages, reactions } = connection

  return {
    async messages(userId) {
      const cursor = messages.find({ sender_id: userId, seq: { $gte: 1 } }, { batchSize: perPage })
      return mapped(inPages(cursor), async (docs) => {
        const numbered = docs.filter(isNumbered)
        const found = await toMessages(connection, numbered)
        return found.map((message, i) => {
          const { isDeleted, reactions, pinnedAt, pinRev } = message
          return isDeleted
            ? keptMessage(numbered[i] as NumberedDoc, reactions, { pinnedAt, pinRev })
            : message
        })
      })
    },

    async reactions(userId) {
      const cursor = reactions.find({ user_id: userId, is_there: true }, { batchSize: perPage })
      return mapped(inPages(cursor), async (docs) =>
        docs.map(({ message_id, emoji }) => ({ messageId: message_id, emoji })),
      )
    },
  }
}

async function* inPages<T>(all: AsyncIterable<T>): AsyncIterable<T[]> {
  let page: T[] = []
  for await (const one of all) {
    page.push(one)
    if (page.length < perPage) continue
    yield page
    page = []
  }
  if (page.length) yield page
}

async function* mapped<T, U>(pages: AsyncIterable<T>, map: (page: T) => Promise<U>): AsyncIterable<U> {
  for await (const page of pages) yield await map(page)
}

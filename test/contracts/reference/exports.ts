import type { ExportStore } from '../../../src/store/exports.ts'
import type { Contents } from './kept.ts'

export function referenceExports({ all }: Contents): ExportStore {
  async function* once<T>(page: readonly T[]): AsyncIterable<readonly T[]> {
    yield page
  }
  return {
    messages: async (userId) =>
      once(
        all().flatMap(({ messages, texts }) =>
          messages
            .filter(({ senderId }) => senderId === userId)
            .map((message) => ({
              ...message,
              content: texts.get(message.id)?.message.content ?? message.content,
            })),
        ),
      ),
    reactions: async (userId) =>
      once(
        all().flatMap(({ reactions }) =>
          [...reactions].flatMap(([messageId, those]) =>
            those.filter((each) => each.userId === userId).map(({ emoji }) => ({ messageId, emoji })),
          ),
        ),
      ),
  }
}

import { foldedWords, isFoundBy } from '../../../src/domain/words.ts'
import type { SearchStore } from '../../../src/store/search.ts'
import type { Contents } from './kept.ts'

/** Looks through all messages, as they are now. */
export function referenceSearch({ all }: Contents): SearchStore {
  return {
    put: async () => undefined,
    clear: async () => undefined,
    async find({ all: words, none, groupIds, senderId, hasFile, from, until }, { limit }) {
      const found = all()
        .filter(({ group }) => groupIds.includes(group.id))
        .flatMap(({ messages }) => messages)
        .filter((message) => {
          const said = foldedWords(message.content)
          const has = (word: string) => said.some((each) => isFoundBy(each, word))
          return (
            !message.isDeleted &&
            words.every(has) &&
            !none.some(has) &&
            (!hasFile || message.attachments.length > 0) &&
            (senderId === undefined || message.senderId === senderId) &&
            (from === undefined || message.createdAt >= from) &&
            (until === undefined || message.createdAt <= until)
          )
        })
        .sort((a, b) => b.createdAt - a.createdAt || b.seq - a.seq)
      return { found: found.slice(0, limit).map(({ id }) => ({ messageId: id, place: id })), next: null }
    },
  }
}

import assert from 'node:assert/strict'
import { createChatModel, type ModelOptions } from '../../dashboard/chat/model/model.ts'
import type { ChatModel, Conversation, Keeping } from '../../dashboard/chat/model/types.ts'
import { eventually } from '../support/eventually.ts'
import { tokenFor } from '../support/process.ts'

export type TestPage = ChatModel & Disposable

export function inMemory(): Keeping {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

/** The model of a page that this user has open at that address. */
export function openPage(
  url: string,
  sub: string,
  { library, ...options }: Partial<ModelOptions> = {},
): TestPage {
  const model = createChatModel({
    url,
    token: () => tokenFor(sub),
    keeping: inMemory(),
    ...options,
    library: {
      reconnect: { minMs: 10, maxMs: 50 },
      onError: (error) => assert.fail(String(error)),
      ...library,
    },
  })
  return Object.assign(model, { [Symbol.dispose]: () => model.close() })
}

export const isOnline = (...pages: ChatModel[]): Promise<void> =>
  eventually('they are online', () => pages.every(({ connection }) => connection.value.state === 'online'))

/** Opens a group and waits for its first messages. */
export async function opened(model: ChatModel, groupId: string, messageId?: string): Promise<Conversation> {
  model.open(groupId, messageId)
  await eventually('it is open', () => model.current.value?.id === groupId)
  const conversation = model.current.value as Conversation
  await eventually('it is loaded', () => {
    const { isEnd, messages, isLoading } = conversation.timeline.value
    return !isLoading && (isEnd || messages.length > 0)
  })
  return conversation
}

export const contents = ({ timeline }: Conversation): string[] =>
  timeline.value.messages.map(({ content }) => content)

export const seqs = ({ timeline }: Conversation): number[] => timeline.value.messages.map(({ seq }) => seq)

export const groupIn = ({ groups }: ChatModel, id: string) => groups.value?.find((group) => group.id === id)

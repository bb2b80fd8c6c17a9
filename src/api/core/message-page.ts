import type { Message } from '../../domain/message.ts'
import { messageView } from '../../domain/message.ts'
import type { People } from '../../domain/person.ts'

/** Messages as bytes that are the same for every reader, except for the reader's own reactions. */
export interface MessagePage {
  /** The JSON around the places where the reader's own reactions go: one part more than there are places. */
  readonly parts: readonly Buffer[]
  /** The ids of the messages with reactions, one for each place. */
  readonly reacted: readonly string[]
  /** Whose names it has. */
  readonly senders: readonly string[]
  /** The version of the names that it was last found to have. */
  namesAt: number
  /** How many bytes it holds. */
  readonly size: number
}

/** `rest` is what the answer has beside `messages`. It has at least one field. `prefix`: what the paths of the API begin with. */
export function renderPage(
  messages: readonly Message[],
  rest: object,
  prefix: string,
  people: People,
): MessagePage {
  const parts: Buffer[] = []
  const reacted: string[] = []
  let text = '{"messages":['
  for (const [index, message] of messages.entries()) {
    const view = JSON.stringify(messageView(message, prefix, people.of))
    text += `${index ? ',' : ''}${view.slice(0, -1)},"my_reactions":`
    if (message.reactions.kinds.length) {
      parts.push(Buffer.from(text))
      reacted.push(message.id)
      text = '}'
    } else text += '[]}'
  }
  parts.push(Buffer.from(`${text}],${JSON.stringify(rest).slice(1)}`))
  return {
    parts,
    reacted,
    senders: [...new Set(messages.map(({ senderId }) => senderId))],
    namesAt: people.version,
    size: parts.reduce((size, part) => size + part.length, 0),
  }
}

/** The page for one reader. `own` has the reader's reactions by message. */
export function pageFor(
  { parts, reacted }: MessagePage,
  own: ReadonlyMap<string, readonly string[]>,
): Buffer {
  const [first] = parts
  if (first && !reacted.length) return first
  return Buffer.concat(
    parts.flatMap((part, index) => {
      const id = reacted[index]
      return id === undefined ? [part] : [part, Buffer.from(JSON.stringify(own.get(id) ?? []))]
    }),
  )
}

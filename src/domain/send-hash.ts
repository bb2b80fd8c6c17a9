import { NewMessage } from './message.ts'

/**
 * The parts that the hash of a send is made over: its text, then each other field that it has, by name. Every field of `NewMessage`
 * counts, so two sends under one key are the same only when they agree in all that the client said. A send that is only a text has
 * one part, as it always had, so that the hashes in databases stay right.
 */
export function sendParts(send: NewMessage, fields: readonly string[] = otherFields): string[] {
  const values: Readonly<Record<string, unknown>> = send
  const given = fields.filter((field) => values[field] !== undefined).sort()
  return [send.content, ...given.flatMap((field) => [field, canonicalJson(values[field])])]
}

/** The fields after the text. The key is left out, because the send is looked up by it. */
const otherFields = Object.keys(NewMessage.properties).filter(
  (field) => field !== 'content' && field !== 'client_id',
)

/** JSON with the keys of all objects in alphabetical order, so that the order in which the client sent them does not matter. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, withKeysInOrder)

const withKeysInOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

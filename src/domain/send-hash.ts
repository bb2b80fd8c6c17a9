import { NewMessage } from './message.ts'

/**
 * What the hash of a send is made over: its text, then each other field that it has, by name. A field of `NewMessage` is
 * part of it by being there, so two sends under one key are the same only when they agree in all that the client said. A
 * send that is only a text has one part, as it always had: hashes in databases stay right.
 */
export function sendParts(send: NewMessage, fields: readonly string[] = otherFields): string[] {
  const values: Readonly<Record<string, unknown>> = send
  const given = fields.filter((field) => values[field] !== undefined).sort()
  return [send.content, ...given.flatMap((field) => [field, canonicalJson(values[field])])]
}

/** The text comes first; the key is what the send is looked up by. */
const otherFields = Object.keys(NewMessage.properties).filter(
  (field) => field !== 'content' && field !== 'client_id',
)

/** JSON with the keys of every object in order: the same text, however the client ordered them. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, withKeysInOrder)

const withKeysInOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

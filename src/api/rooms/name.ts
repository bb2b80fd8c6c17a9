import { Type } from 'typebox'
import { Label } from '../../domain/text.ts'
import { isValid, validate } from '../../domain/validate.ts'

const mostCharacters = 64
const label = Label({ maxLength: mostCharacters })

const rule = `must have 1 to ${mostCharacters} characters on one line, not blank, without "/" and without marks that change the direction of text`

/** The name of a room as clients write it. Its case matters, the form of its characters does not. */
export const RoomName = Type.Refine(
  Type.String({ description: `A room's name: it ${rule}.` }),
  (given) => isValid(label, roomName(given)) && !given.includes('/'),
  () => rule,
)

/** The name in the one form of its characters. */
export const roomName = (given: string): string => given.normalize('NFC')

const Place = Type.Object({ room: RoomName })

/** The room that a segment of a path names, percent-encoded. Throws invalid. */
export function roomIn(segment: string): string {
  return roomName(validate(Place, { room: decode(segment) }).room)
}

/** What is no percent-encoded UTF-8 names nothing. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}

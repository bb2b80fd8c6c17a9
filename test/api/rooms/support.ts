import { randomBytes } from 'node:crypto'
import { tokenFor } from '../../support/process.ts'
import type { TestService } from '../../support/service.ts'
import { openSocket, RefusedUpgrade, type SocketOptions, type TestSocket } from '../../support/socket.ts'

/** A message as it stands in the history. */
export interface RoomItem {
  _id: string
  user_id: string
  username: string
  content: string
  room: string
  created_at: string
  updated_at: string
  deleted: boolean
  deleted_at: null
}

type At = Pick<TestService, 'url'>

/** A room's name that nobody has used. */
export const newRoomName = (): string => `tea ${randomBytes(6).toString('hex')}`

/** Opens a socket at a path below `/chat/ws`, with a token of `sub` unless `options` say otherwise. */
export const openAt = async (
  { url }: At,
  path: string,
  sub: string,
  options: SocketOptions = {},
): Promise<TestSocket> => openSocket(`${url}/chat/ws${path}`, { token: await tokenFor(sub), ...options })

/** Opens a socket in a room. */
export const enter = (at: At, room: string, sub: string): Promise<TestSocket> =>
  openAt(at, `/${encodeURIComponent(room)}`, sub)

/** How an upgrade is refused. */
export async function refusalOf(opening: Promise<unknown>): Promise<{ status: number; detail: string }> {
  const refused = await opening.catch((error: unknown) => error)
  if (!(refused instanceof RefusedUpgrade)) throw new Error(`not refused: ${refused}`)
  return { status: refused.status, detail: String((await refused.body).detail) }
}

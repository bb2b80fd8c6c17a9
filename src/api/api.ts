import type { Route } from '../http/route.ts'
import type { SocketApi } from '../ws/words.ts'

/** One API over the core: what it answers over HTTP, where its sockets are, and the words that they hear and speak. */
export interface Api extends SocketApi {
  readonly routes: readonly Route[]
}

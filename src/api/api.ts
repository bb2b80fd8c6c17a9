import type { Route } from '../http/route.ts'
import type { Words } from '../ws/words.ts'

/** One API over the core: what it answers over HTTP, and the words that its sockets hear and speak. */
export interface Api {
  readonly routes: readonly Route[]
  readonly words: Words
}

import type { Api } from './api/api.ts'
import { createCoreApi } from './api/core/api.ts'
import type { PageCache } from './api/core/page-cache.ts'
import { createRoomsApi } from './api/rooms/api.ts'
import type { Accounts } from './chat/accounts.ts'
import type { Chat } from './chat/chat.ts'
import type { Config } from './config.ts'
import type { Dialect } from './dialects.ts'

interface Deps {
  chat: Chat
  /** null: all users log in elsewhere. */
  accounts: Accounts | null
  /** The cache of pages of history; null for a store that others write to as well. */
  cache: PageCache | null
  now: () => number
}

/** The core's API, and all that are on, the core's first. */
export function createApis(
  config: Pick<Config, 'apiPrefix' | 'dialects' | 'files' | 'maxFileBytes'>,
  { chat, accounts, cache, now }: Deps,
): { readonly core: Api; readonly apis: readonly Api[] } {
  const { apiPrefix: prefix, dialects, files, maxFileBytes } = config
  const core = createCoreApi({ chat, accounts, prefix, cache, maxFileBytes: files ? maxFileBytes : null })
  const make: Readonly<Record<Dialect, () => Api>> = {
    rooms: () => createRoomsApi({ chat, accounts, prefix, now }),
  }
  return { core, apis: [core, ...dialects.map((name) => make[name]())] }
}

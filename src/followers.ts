import type { Config } from './config.ts'
import { startSearchIndex } from './consumers/search-index.ts'
import {
  createWebhooks,
  type Webhooks,
  type WebhooksDeps,
  webhooksAtOnce,
} from './consumers/webhooks/webhooks.ts'
import { createOutward } from './outward/post.ts'

/** Those who follow the logs of all groups, as far as they are wanted. */
export interface Followers {
  readonly webhooks: Webhooks | null
  /** How late the index of words is, in milliseconds; null where another instance keeps it, or nobody does. */
  searchLagMs(): number | null
  /** Resolves when what happens from now on will be followed, by this instance or another. */
  begun(): Promise<void>
  stop(): Promise<void>
}

/** How long a receiver may take, in milliseconds. */
const timeoutMs = 10_000

type FollowersConfig = Pick<Config, 'search' | 'webhookUrl' | 'webhookSecret' | 'webhookEvents'>

/** Whether a receiver has to be told of groups' ends, which no log tells. */
export const tellsEnds = ({
  webhookUrl,
  webhookEvents,
}: Pick<Config, 'webhookUrl' | 'webhookEvents'>): boolean =>
  webhookUrl !== null && webhookEvents.includes('group_deleted')

type Given = Omit<WebhooksDeps, 'url' | 'secret' | 'types' | 'outward'>

export function startFollowers(config: FollowersConfig, given: Given): Followers {
  const searchIndex = config.search ? startSearchIndex(given) : null
  const webhooks = startWebhooks(config, given)
  return {
    webhooks,
    searchLagMs: () => searchIndex?.lagMs() ?? null,
    begun: async () => void (await webhooks?.begun),
    stop: async () => void (await Promise.all([webhooks?.stop(), searchIndex?.stop()])),
  }
}

/** null where there is no receiver. */
function startWebhooks(
  { webhookUrl: url, webhookSecret: secret, webhookEvents: types }: FollowersConfig,
  given: Given,
): Webhooks | null {
  if (url === null || secret === null) return null
  const outward = createOutward({ timeoutMs, connections: webhooksAtOnce })
  return createWebhooks({ ...given, url, secret, types, outward })
}

import type { LookupFunction } from 'node:net'
import type { PushOptions } from './chat/devices.ts'
import type { Config } from './config.ts'
import { createPush, type Push, type PushDeps, pushesAtOnce } from './consumers/push/push.ts'
import { createVapid, newVapidKey, type Vapid } from './consumers/push/vapid.ts'
import { startSearchIndex } from './consumers/search-index.ts'
import {
  createWebhooks,
  type Webhooks,
  type WebhooksDeps,
  webhooksAtOnce,
} from './consumers/webhooks/webhooks.ts'
import { createOutward } from './outward/post.ts'
import { isPublicUrl, publicLookup } from './outward/public.ts'
import type { Store } from './store/store.ts'

/** Those who follow the logs of all groups, as far as they are wanted. */
export interface Followers {
  readonly webhooks: Webhooks | null
  readonly push: Push | null
  /** How late the index of words is, in milliseconds; null where another instance keeps it, or nobody does. */
  searchLagMs(): number | null
  /** Resolves when what happens from now on will be followed, by this instance or another. */
  begun(): Promise<void>
  stop(): Promise<void>
}

/** How long a receiver may take, in milliseconds. */
const timeoutMs = 10_000

type FollowersConfig = Pick<
  Config,
  'search' | 'webhookUrl' | 'webhookSecret' | 'webhookEvents' | 'pushContent'
>

/** How people are told by push messages, as the use cases see it; null where nobody is. */
export async function pushOptions(
  config: Pick<Config, 'pushContact' | 'vapidPrivateKey' | 'pushPrivateEndpoints'>,
  { store, now }: { store: Pick<Store, 'secrets'>; now: () => number },
): Promise<PushParts | null> {
  const { pushContact, vapidPrivateKey, pushPrivateEndpoints } = config
  if (pushContact === null) return null
  const key = vapidPrivateKey ?? (await store.secrets.read('vapid', newVapidKey()))
  const vapid = await createVapid(key, pushContact, now)
  return {
    vapid,
    publicKey: vapid.publicKey,
    isEndpoint: pushPrivateEndpoints ? URL.canParse : isPublicUrl,
    lookup: pushPrivateEndpoints ? undefined : publicLookup,
  }
}

export interface PushParts extends PushOptions {
  readonly vapid: Vapid
  readonly lookup: LookupFunction | undefined
}

/** Whether a receiver has to be told of groups' ends, which no log tells. */
export const tellsEnds = ({
  webhookUrl,
  webhookEvents,
}: Pick<Config, 'webhookUrl' | 'webhookEvents'>): boolean =>
  webhookUrl !== null && webhookEvents.includes('group_deleted')

type Given = Omit<WebhooksDeps, 'url' | 'secret' | 'types' | 'outward' | 'onAttempt'> &
  Pick<PushDeps, 'personOf'> & {
    metrics: { webhook: WebhooksDeps['onAttempt']; pushed: PushDeps['onAttempt'] }
    push: PushParts | null
  }

export function startFollowers(config: FollowersConfig, given: Given): Followers {
  const searchIndex = config.search ? startSearchIndex(given) : null
  const webhooks = startWebhooks(config, given)
  const push = startPush(config, given)
  return {
    webhooks,
    push,
    searchLagMs: () => searchIndex?.lagMs() ?? null,
    begun: async () => void (await Promise.all([webhooks?.begun, push?.begun])),
    stop: async () => void (await Promise.all([webhooks?.stop(), push?.stop(), searchIndex?.stop()])),
  }
}

/** null where there is no receiver. */
function startWebhooks(
  { webhookUrl: url, webhookSecret: secret, webhookEvents: types }: FollowersConfig,
  given: Given,
): Webhooks | null {
  if (url === null || secret === null) return null
  const outward = createOutward({ timeoutMs, connections: webhooksAtOnce })
  return createWebhooks({ ...given, url, secret, types, outward, onAttempt: given.metrics.webhook })
}

/** null where nobody is told. */
function startPush({ pushContent: withContent }: FollowersConfig, { push, ...given }: Given): Push | null {
  if (!push) return null
  const { vapid, isEndpoint, lookup } = push
  const outward = createOutward({ timeoutMs, connections: pushesAtOnce, ...(lookup && { lookup }) })
  return createPush({ ...given, vapid, isEndpoint, outward, withContent, onAttempt: given.metrics.pushed })
}

import { isPage, page } from './keeping.ts'

/** What the service tells of a message: src/consumers/push/payload.ts. */
interface Push {
  readonly group_id: string
  /** A direct chat has no name. */
  readonly group: string | null
  readonly sender: string
  /** null where no text is sent. */
  readonly content: string | null
  readonly url: string
  readonly unread: number
}

const windowsOf = ({ clients }: ServiceWorkerGlobalScope) =>
  clients.matchAll({ type: 'window', includeUncontrolled: true })

const placeOf = ({ url }: Client): URL => new URL(url)

/** Shows it, in the place of what was shown of the same group; not to who looks at that group. */
export async function showPush(
  worker: ServiceWorkerGlobalScope,
  data: PushMessageData | null,
): Promise<void> {
  if (!data) return
  const { group_id, group, sender, content, url, unread } = data.json() as Push
  const isShown = (window: WindowClient) =>
    window.focused && new URLSearchParams(placeOf(window).hash.slice(1)).get('group') === group_id
  if ((await windowsOf(worker)).some(isShown)) return
  const text = content ?? 'New message'
  const more = unread > 1 ? ` (${unread} unread)` : ''
  await worker.registration.showNotification(group ?? sender, {
    body: `${group === null ? text : `${sender}: ${text}`}${more}`,
    tag: group_id,
    icon: '/icon-192.png',
    data: { url },
    // Another one of the same group takes its place, and is heard all the same.
    ...{ renotify: true },
  })
}

/** Goes to the group in a window of the page that is open, or in a new one. */
export async function openNotice(worker: ServiceWorkerGlobalScope, notice: Notification): Promise<void> {
  notice.close()
  const { url } = notice.data as { url: string }
  const { hash } = new URL(url, worker.location.origin)
  const windows = (await windowsOf(worker)).filter((window) => isPage(placeOf(window).pathname))
  const window = windows.find(({ focused }) => focused) ?? windows[0]
  if (!window) return void (await worker.clients.openWindow(page + hash))
  const place = placeOf(window)
  place.hash = hash
  const moved = await window.navigate(place.href)
  await (moved ?? window).focus()
}

/**
 * The browser's push service wants another subscription. The page tells it to the service: at once where it is open, else
 * when it is opened.
 */
export async function renewSubscription(
  worker: ServiceWorkerGlobalScope,
  {
    oldSubscription,
    newSubscription,
  }: { oldSubscription?: PushSubscription | null; newSubscription?: PushSubscription | null },
): Promise<void> {
  const { pushManager } = worker.registration
  if (!newSubscription && oldSubscription) await pushManager.subscribe(oldSubscription.options)
  for (const window of await windowsOf(worker)) window.postMessage({ type: 'subscription_changed' })
}

import { keepPage } from './keeping.ts'
import { openNotice, renewSubscription, showPush } from './pushes.ts'

declare const self: ServiceWorkerGlobalScope

/** The chat page's service worker: the page opens without the service, too, and people who are away are told of messages. */
keepPage(self)
self.addEventListener('push', (event) => event.waitUntil(showPush(self, event.data)))
self.addEventListener('notificationclick', (event) => event.waitUntil(openNotice(self, event.notification)))
// The type is missing in TypeScript's own.
self.addEventListener('pushsubscriptionchange' as 'message', (event) =>
  event.waitUntil(renewSubscription(self, event as unknown as SubscriptionChange)),
)

interface SubscriptionChange {
  readonly oldSubscription?: PushSubscription | null
  readonly newSubscription?: PushSubscription | null
}

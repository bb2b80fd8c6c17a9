import type { Group, Message } from '../../../src/client/types.ts'
import { nameOf, preview } from '../groups/wording.ts'
import type { Page } from '../page-parts.ts'
import { createLookedAt } from './looked-at.ts'
import { isWanted } from './notice.ts'
import { createPush, type Push } from './push.ts'

/** Telling the user what is new while they look elsewhere: by this page, and by Web Push when no page is open. */
export interface Notifications {
  readonly isOn: boolean
  /** Asks the browser for its permission where that is needed. */
  turn(isOn: boolean): Promise<void>
}

interface Deps {
  readonly page: Page
  readonly worker: Promise<ServiceWorkerRegistration | null>
  /** The service tells browsers of people who are away. */
  readonly hasPush: boolean
}

const key = 'notifications'

export function createNotifications({ page, worker, hasPush }: Deps, signal: AbortSignal): Notifications {
  const { model, keeping, ownId, go, partners } = page
  const lookedAt = createLookedAt(keeping, signal)
  const push: Push | null = hasPush ? createPush(model.chat.push, worker) : null
  const isThere = 'Notification' in globalThis
  /** The browser takes milliseconds to say what it permits, so it is asked last. */
  const isOn = (): boolean =>
    isThere && keeping.getItem(key) === 'on' && Notification.permission === 'granted'

  async function tell(message: Message, group: Group): Promise<void> {
    const isDirect = group.kind === 'direct'
    const title = nameOf(group, partners.of(group))
    const body = preview(message, ownId, isDirect)
    // One for each group: the next message takes the place of the last one, in whichever tab it was told.
    const options = { body, tag: group.id, icon: message.sender.avatar_url ?? '/icon-192.png' }
    try {
      const told = new Notification(title, options)
      told.onclick = () => {
        window.focus()
        go(group.id, message.id)
        told.close()
      }
    } catch {
      // Phones take them from a worker alone, which opens the page at this address.
      const url = `/chat-ui#group=${group.id}&message=${message.id}`
      await (await worker)?.showNotification(title, { ...options, data: { url } })
    }
  }

  const stop = model.chat.on('new_message', ({ message, group_id }) => {
    const group = model.groups.value?.find(({ id }) => id === group_id)
    if (group && !lookedAt.isLookedAt && isWanted(message, group, ownId) && isOn()) void tell(message, group)
  })
  signal.addEventListener('abort', stop)
  // The browser is told by the service as whoever logged in last.
  const begin = (): void => {
    if (isOn()) void push?.begin().catch(model.report)
  }
  begin()
  // The browser itself has changed the subscription: the service has to know the new one.
  navigator.serviceWorker?.addEventListener(
    'message',
    ({ data }) => {
      if (data?.type === 'subscription_changed') begin()
    },
    { signal },
  )

  return {
    get isOn() {
      return isOn()
    },
    async turn(wanted) {
      if (!wanted) {
        keeping.setItem(key, 'off')
        return push?.end()
      }
      if (!isThere) throw new Error('This browser has no notifications.')
      if ((await Notification.requestPermission()) !== 'granted')
        throw new Error('The browser keeps notifications of this page back: allow them in its settings.')
      keeping.setItem(key, 'on')
      await push?.begin()
    },
  }
}

import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import type { CDPSession, Page } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/process.ts'
import { startService } from '../support/service.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser()

/** Resolves when the worker has kept the page, and answers for it. */
const whenKept = (page: Page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve))
  })

const keptPaths = (page: Page) =>
  page.evaluate(async () => {
    const found: string[] = []
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname)
    return found.sort()
  })

const factsIn = (page: Page) =>
  page.evaluate(() => JSON.parse(document.getElementById('service')?.textContent ?? 'null'))

const logIn = (page: Page) => page.getByRole('button', { name: 'Log in' })

describe('the page without its service', { skip }, () => {
  test('opens at both of its addresses, and keeps nothing but itself', async () => {
    const service = await startService()
    await using opened = await openPage(`${service.url}/`)
    const { page, errors } = opened
    await logIn(page).waitFor()
    await whenKept(page)
    assert.deepEqual(errors, [], 'its policy lets it register the worker')
    await page.evaluate(() => fetch('/api/chat/groups').then((answer) => answer.text()))
    const kept = await keptPaths(page)
    assert.deepEqual(kept, [
      ...['/chat-ui', '/icon-192.png', '/icon-512.png', '/icon-maskable.png', '/icon.svg'],
      '/manifest.webmanifest',
    ])
    await service[Symbol.asyncDispose]()
    for (const path of ['/', '/chat-ui', '/chat-ui#group=0123']) {
      await page.goto('about:blank')
      await page.goto(service.url + path)
      await logIn(page).waitFor()
    }
    const other = await page.evaluate(() => fetch('/health').then(String, (error) => error.name))
    assert.equal(other, 'TypeError', 'nothing else is answered in the name of the service')
  })

  test('takes a new version as soon as there is one', async () => {
    const PORT = String(await freePort())
    const first = await startService({ PORT })
    await using opened = await openPage(`${first.url}/chat-ui`)
    const { page } = opened
    await whenKept(page)
    assert.equal((await factsIn(page)).push, false)
    await first[Symbol.asyncDispose]()
    const second = await startService({ PORT, PUSH_CONTACT: 'mailto:ops@example.com' })
    await page.reload()
    assert.equal((await factsIn(page)).push, true)
    await second[Symbol.asyncDispose]()
    await page.reload()
    assert.equal((await factsIn(page)).push, true, 'the new one is kept')
  })

  test('is shown as it was kept where the network does not answer in time', async () => {
    const PORT = String(await freePort())
    const service = await startService({ PORT })
    await using opened = await openPage(`${service.url}/chat-ui`)
    const { page } = opened
    await whenKept(page)
    await service[Symbol.asyncDispose]()
    const taken = new Set<Socket>()
    const silent = createServer((socket) => taken.add(socket)).listen(Number(PORT), '127.0.0.1')
    try {
      await page.reload()
      await logIn(page).waitFor()
      assert.ok(taken.size > 0)
    } finally {
      silent.close()
      for (const socket of taken) socket.destroy()
    }
  })

  test('gives way where the service has it no more', async () => {
    const PORT = String(await freePort())
    const first = await startService({ PORT })
    await using opened = await openPage(`${first.url}/chat-ui`)
    const { page } = opened
    await whenKept(page)
    await first[Symbol.asyncDispose]()
    await using second = await startService({ PORT, CHAT_PAGE: 'off' })
    assert.equal((await page.goto(`${second.url}/chat-ui`))?.status(), 404)
    await page.goto(second.url)
    await page.getByRole('link', { name: 'health' }).waitFor()
  })
})

describe('push messages', { skip }, () => {
  const notice = {
    group_id: '65920080c0ffee0000000001',
    group: 'Tea',
    sender: 'Bob',
    content: 'Hello there',
    url: '/chat-ui#group=65920080c0ffee0000000001',
    unread: 1,
  }

  async function openWithPushes(url: string) {
    const opened = await openPage(url, {
      prepare: (page) => page.context().grantPermissions(['notifications']),
    })
    const { page } = opened
    const cdp = await page.context().newCDPSession(page)
    const registered = registrationOf(cdp)
    await cdp.send('ServiceWorker.enable')
    await whenKept(page)
    const registrationId = await registered
    const push = (data: object) =>
      cdp.send('ServiceWorker.deliverPushMessage', {
        origin: new URL(url).origin,
        registrationId,
        data: JSON.stringify(data),
      })
    const shown = () =>
      page.evaluate(async () => {
        const notices = await (await navigator.serviceWorker.ready).getNotifications()
        return notices.map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }))
      })
    return { opened, page, push, shown }
  }

  const registrationOf = (cdp: CDPSession): Promise<string> =>
    new Promise((resolve) => {
      cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations
        if (first) resolve(first.registrationId)
      })
    })

  test('are shown, one for each group, the newest', async () => {
    await using service = await startService()
    const { opened, push, shown } = await openWithPushes(`${service.url}/chat-ui`)
    await using _ = opened
    await push(notice)
    await push({ ...notice, content: null, unread: 3 })
    await push({
      ...notice,
      group_id: '65920080c0ffee0000000002',
      group: null,
      url: '/chat-ui#group=65920080c0ffee0000000002',
    })
    await eventually('both are shown', async () => (await shown()).length === 2)
    await eventually('the newest of each', async () =>
      (await shown()).some(({ body }) => body.includes('3 unread')),
    )
    assert.deepEqual(
      (await shown()).toSorted((a, b) => a.tag.localeCompare(b.tag)),
      [
        { title: 'Tea', body: 'Bob: New message (3 unread)', tag: notice.group_id, url: notice.url },
        {
          title: 'Bob',
          body: 'Hello there',
          tag: '65920080c0ffee0000000002',
          url: '/chat-ui#group=65920080c0ffee0000000002',
        },
      ],
    )
  })

  test('are not shown to who looks at that group', async () => {
    await using service = await startService()
    const { opened, page, push, shown } = await openWithPushes(`${service.url}${notice.url}`)
    await using _ = opened
    await page.bringToFront()
    await push(notice)
    // A push that comes while the worker is put to sleep is lost, by these means; one of the same group takes its place.
    await eventually('the other one is shown', async () => {
      await push({ ...notice, group_id: '65920080c0ffee0000000002', group: 'Coffee' })
      return (await shown()).length > 0
    })
    assert.deepEqual(
      (await shown()).map(({ title }) => title),
      ['Coffee'],
    )
  })

  test('lead to their group, in the window that is open', async () => {
    await using service = await startService()
    const { opened, page, push } = await openWithPushes(`${service.url}/`)
    await using _ = opened
    await push(notice)
    const worker = page.context().serviceWorkers()[0] ?? assert.fail('no worker')
    await worker.evaluate(async () => {
      const { registration } = globalThis as unknown as ServiceWorkerScope
      let notices: Notification[] = []
      while (notices.length === 0) notices = await registration.getNotifications()
      const [notification] = notices
      // Nobody clicked: so the window may not be brought to the front, but it goes there.
      globalThis.dispatchEvent(new NotificationEvent('notificationclick', { notification }))
    })
    await page.waitForURL(`${service.url}/#group=${notice.group_id}`)
  })

  test('go on where the browser changes its subscription: the page is told', async () => {
    await using service = await startService()
    const { opened, page } = await openWithPushes(`${service.url}/chat-ui`)
    await using _ = opened
    const told = await page.evaluateHandle(() => ({
      first: new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('message', ({ data }) => resolve(data)),
      ),
    }))
    const worker = page.context().serviceWorkers()[0] ?? assert.fail('no worker')
    await worker.evaluate(() => {
      const changed = new ExtendableEvent('pushsubscriptionchange')
      globalThis.dispatchEvent(Object.assign(changed, { newSubscription: {} }))
    })
    assert.deepEqual(await told.evaluate(({ first }) => first), { type: 'subscription_changed' })
  })
})

/** Of the worker, what Node's types and the page's lack. */
interface ServiceWorkerScope {
  readonly registration: ServiceWorkerRegistration
}
declare const NotificationEvent: new (type: string, options: object) => Event
declare const ExtendableEvent: new (type: string) => Event

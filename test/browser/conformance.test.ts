import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Chat, ChatEvent } from '../../src/client/types.ts'
import { conformance } from '../client/conformance.ts'
import { type Opened, openPage, withoutBrowser } from './browser.ts'

/** A page with the library in it, as `/client.js` hands it out. */
const open = async (page: Page, options: { groupId: string; cursor: string }) =>
  page.evaluateHandle(async ({ groupId, cursor }) => {
    const own = window as unknown as { token(): Promise<string>; heard(event: ChatEvent): Promise<void> }
    const library = '/client.js'
    const { connect } = (await import(library)) as typeof import('../../src/client/types.ts')
    const chat: Chat = connect({
      url: location.origin,
      token: () => own.token(),
      reconnect: { maxMs: 1_000 },
    })
    chat.on('event', (event) => void own.heard(event))
    await chat.group(groupId).subscribe({ after: cursor })
    return chat
  }, options)

test('in Chromium, too, the library tells the log once and in order over cuts, delays, doubled connections and restarts', {
  skip: withoutBrowser(),
  timeout: 900_000,
}, async (t) => {
  const profiles: Opened[] = []
  try {
    const outcome = await conformance(async ({ url, groupId, cursor, token, heard }) => {
      const opened = await openPage(`${url}/client.js`, {
        prepare: async (page) => {
          await page.exposeFunction('token', token)
          await page.exposeFunction('heard', heard)
        },
      })
      profiles.push(opened)
      const chat = await open(opened.page, { groupId, cursor })
      return {
        send: (text) =>
          chat.evaluate((own, [id, content]) => own.group(id).send(content), [groupId, text] as const),
        close: () => chat.evaluate((own) => own.close()),
      }
    })
    t.diagnostic(outcome)
  } finally {
    for (const opened of profiles) await opened[Symbol.asyncDispose]()
  }
})

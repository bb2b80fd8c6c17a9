import { after } from 'node:test'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { skipBecause } from '../support/skip.ts'
import { chromiumPath, launchChromium } from './chromium.ts'

/** Why a page can't be opened here, or false. */
export function withoutBrowser(): string | false {
  if (chromiumPath) return false
  return skipBecause('Chromium is not installed (apt-get install chromium)')
}

/** A page with a profile of its own, and what went wrong in it or left this service. */
export interface Opened {
  readonly page: Page
  /** Console errors and uncaught exceptions. */
  readonly errors: readonly string[]
  /** Requests to anywhere but the origin of the page. */
  readonly strangers: readonly string[]
  /** Opens one more tab of the same profile, which is watched as the first one is. */
  openTab(url: string): Promise<Page>
  [Symbol.asyncDispose](): Promise<void>
}

export interface PageOptions extends BrowserContextOptions {
  width?: number
  height?: number
  /** Before a page is opened. */
  prepare?: (page: Page) => Promise<unknown>
}

let browser: Promise<Browser> | undefined
after(async () => (await browser)?.close())

export async function openPage(url: string, options: PageOptions = {}): Promise<Opened> {
  browser ??= launchChromium()
  const { width = 1_440, height = 900, colorScheme = 'light', prepare, ...more } = options
  const context = await (await browser).newContext({ viewport: { width, height }, colorScheme, ...more })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const errors: string[] = []
  const strangers: string[] = []
  watch(context, new URL(url), errors, strangers)
  const openTab = async (address: string): Promise<Page> => {
    const page = await context.newPage()
    await prepare?.(page)
    await page.goto(address)
    return page
  }
  const page = await openTab(url)
  return { page, errors, strangers, openTab, [Symbol.asyncDispose]: () => context.close() }
}

function watch(context: BrowserContext, { origin, host }: URL, errors: string[], strangers: string[]): void {
  context.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  context.on('weberror', (error) => errors.push(error.error().message))
  context.on('request', (request) => {
    const target = new URL(request.url())
    const isOutside = target.origin !== origin && !['data:', 'blob:'].includes(target.protocol)
    if (isOutside) strangers.push(request.url())
  })
  context.on('page', (page) =>
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== host) strangers.push(socket.url())
    }),
  )
}

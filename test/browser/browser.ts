import { existsSync } from 'node:fs'
import { after } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { skipBecause } from '../support/skip.ts'

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const executablePath = paths.find((path) => existsSync(path))

/** Why a page can't be opened here, or false. */
export function withoutBrowser(): string | false {
  if (executablePath) return false
  return skipBecause('Chromium is not installed (apt-get install chromium)')
}

/** A page with a profile of its own, and what went wrong in it or left this service. */
export interface Opened {
  readonly page: Page
  /** Console errors and uncaught exceptions. */
  readonly errors: readonly string[]
  /** Requests to anywhere but the origin of the page. */
  readonly strangers: readonly string[]
  [Symbol.asyncDispose](): Promise<void>
}

let browser: Promise<Browser> | undefined
after(async () => (await browser)?.close())

export async function openPage(
  url: string,
  options: {
    width?: number
    colorScheme?: 'light' | 'dark'
    /** Before the page is opened. */
    prepare?: (page: Page) => Promise<unknown>
  } = {},
): Promise<Opened> {
  browser ??= chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
  const { width = 1_440, colorScheme = 'light' } = options
  const context = await (await browser).newContext({ viewport: { width, height: 900 }, colorScheme })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const errors: string[] = []
  const strangers: string[] = []
  const { origin } = new URL(url)
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('request', (request) => {
    const target = new URL(request.url())
    if (target.origin !== origin && target.protocol !== 'data:') strangers.push(request.url())
  })
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(url).host) strangers.push(socket.url())
  })
  await options.prepare?.(page)
  await page.goto(url)
  return { page, errors, strangers, [Symbol.asyncDispose]: () => context.close() }
}

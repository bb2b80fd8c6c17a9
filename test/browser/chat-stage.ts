import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { type CuttingProxy, startProxy } from '../client/proxy.ts'
import { accountsAt, password } from '../support/accounts.ts'
import { type Api, baseOf, createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { type ServiceProcess, spawnService, temporaryFolder } from '../support/process.ts'
import { type Opened, openPage, type PageOptions, withoutBrowser } from './browser.ts'
import { type ChatPage, chatOn } from './chat-page.ts'

/** Somebody with an account, who is new in each test. */
export interface ChatUser {
  readonly id: string
  readonly username: string
  /** What the others see. */
  readonly name: string
  readonly token: string
  readonly api: Api
}

/** The chat page, open in a profile of its own. */
export interface ChatWindow extends Opened, ChatPage {}

export interface WindowOptions extends PageOptions {
  /** The address to open, if it is not the service's own: that of a proxy. */
  url?: string
  /** What stands behind it: `#group=...`. */
  hash?: string
  /** Requests may be refused or cut off in this test; the browser itself writes each to the console. */
  mayFail?: boolean
}

/** A service for the tests of one file, and the windows of one test. */
export interface Stage {
  readonly url: string
  user(name: string): Promise<ChatUser>
  /** Several at once. */
  users<const Names extends readonly string[]>(...names: Names): Promise<{ [Name in keyof Names]: ChatUser }>
  /** A group of these, which the first one owns. */
  group(name: string, ...members: ChatUser[]): Promise<GroupView>
  /** Sends so many messages, and answers all texts of the group, oldest first. */
  fill(groupId: string, sender: ChatUser, count: number): Promise<string[]>
  /** A window on the page: logged in, unless nobody is given. */
  open(user: ChatUser | null, options?: WindowOptions): Promise<ChatWindow>
  /** A way to the service that can be cut. */
  proxy(): Promise<CuttingProxy>
  tell(what: string): void
}

const skip = withoutBrowser()
const folder = temporaryFolder()
let starting: Promise<ServiceProcess> | undefined
after(async () => {
  await (await starting)?.end('SIGTERM')
  folder[Symbol.dispose]()
})

const startOnce = (): Promise<ServiceProcess> => {
  starting ??= spawnService(folder.path, { RATE_LIMIT_LOGINS: '0' })
  return starting
}

export const logIn = async (window: ChatPage, user: ChatUser): Promise<void> => {
  await window.page.getByRole('textbox', { name: 'Username' }).fill(user.username)
  await window.page.getByRole('textbox', { name: 'Password' }).fill(password)
  await window.page.getByRole('button', { name: 'Log in' }).click()
  await window.groups.waitFor()
}

/** The message of this text, once the service has it: what its sender sees may still be on its way. */
export async function sentMessage({ api }: ChatUser, groupId: string, text: string): Promise<MessageView> {
  let found: MessageView | undefined
  await eventually(`it is sent: ${text}`, async () => {
    found = (await api.history(groupId)).find(({ content }) => content.includes(text))
    return found !== undefined
  })
  return found as MessageView
}

/** What Chromium itself writes to the console about requests that did not succeed. */
const isOfTheNetwork = (text: string): boolean =>
  /^(Failed to load resource|WebSocket connection to)/.test(text)

/**
 * A test of the chat page. Beside what it asserts, no window may have written an error to its console, or asked another host for
 * anything.
 */
export function chatTest(name: string, run: (stage: Stage) => Promise<void>): void {
  test(name, { skip, timeout: 120_000 }, async (t) => {
    await using ends = new AsyncDisposableStack()
    const windows: (ChatWindow & { mayFail: boolean })[] = []
    const stage = createStage((await startOnce()).url, ends, windows, t)
    try {
      await run(stage)
    } catch (error) {
      for (const { page } of windows)
        t.diagnostic(await page.locator('body').ariaSnapshot({ timeout: 2_000 }).catch(String))
      throw error
    } finally {
      for (const { errors } of windows) if (errors.length) t.diagnostic(errors.join('\n'))
    }
    for (const { errors, strangers, mayFail } of windows)
      assert.deepEqual(
        { errors: errors.filter((text) => !mayFail || !isOfTheNetwork(text)), strangers },
        { errors: [], strangers: [] },
      )
  })
}

function createStage(
  url: string,
  ends: AsyncDisposableStack,
  windows: (ChatWindow & { mayFail: boolean })[],
  t: TestContext,
): Stage {
  const accounts = accountsAt(url)
  const user = async (name: string): Promise<ChatUser> => {
    const username = `${name
      .toLowerCase()
      .replace(/[^a-z]/g, '')
      .slice(0, 12)}-${randomBytes(4).toString('hex')}`
    const { access_token: token, user } = await accounts.register(username, { display_name: name })
    return { id: user.id, username, name, token, api: createApi(baseOf(url), { token }) }
  }
  const users = async (...names: readonly string[]) => Promise.all(names.map(user))
  return {
    url,
    user,
    users: users as Stage['users'],
    group(name, owner, ...others) {
      assert.ok(owner)
      return owner.api.createGroup(
        name,
        [owner, ...others].map(({ id }) => id),
      )
    },
    async fill(groupId, { api }, count) {
      const atOnce = 50
      for (let sent = 0; sent < count; sent += atOnce)
        await Promise.all(Array.from({ length: atOnce }, (_, i) => api.send(groupId, `filler ${sent + i}`)))
      return (await api.history(groupId)).map(({ content }) => content)
    },
    async open(user, { url: through = url, hash = '', mayFail = false, ...options } = {}) {
      const opened = ends.use(await openPage(`${through}/chat-ui${hash}`, options))
      opened.page.setDefaultTimeout(15_000)
      const window = { ...opened, ...chatOn(opened.page), mayFail }
      windows.push(window)
      if (user) await logIn(window, user)
      return window
    },
    async proxy() {
      const proxy = await startProxy(url)
      ends.defer(() => proxy.close())
      return proxy
    },
    tell: (what) => t.diagnostic(what),
  }
}

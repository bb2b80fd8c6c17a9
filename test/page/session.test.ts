import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Accounts, type Granted, Refusal } from '../../dashboard/chat/session/accounts.ts'
import { keepingOf, memoryKeeping } from '../../dashboard/chat/session/keeping.ts'
import { createSession } from '../../dashboard/chat/session/session.ts'

const minutes = 60_000
const alice = { id: 'a1', username: 'alice', display_name: 'Alice' }

/** A service whose tokens live 30 minutes, and whose refresh tokens are good until their successor is used. */
function createService() {
  let time = 1_700_000_000_000
  let made = 0
  const asked: string[] = []
  const state = { isAway: false, isEnded: false, pause: Promise.resolve() }
  const tokenAt = (exp: number): string =>
    `h.${Buffer.from(JSON.stringify({ sub: alice.id, iat: time / 1_000, exp: exp / 1_000, made })).toString('base64url')}.s`
  const grant = (): Granted => ({
    access_token: tokenAt(time + 30 * minutes),
    refresh_token: `refresh ${++made}`,
    user: alice,
  })
  const answer = async <T>(name: string, value: () => T): Promise<T> => {
    asked.push(name)
    await state.pause
    if (state.isAway) throw new TypeError('fetch failed')
    if (state.isEnded) throw new Refusal(401, 'This session has ended. Log in again.')
    return value()
  }
  const accounts: Accounts = {
    logIn: (_, password) =>
      answer('log in', () => {
        if (password !== 'alicepass123') throw new Refusal(401, 'The name or the password is wrong.')
        return grant()
      }),
    register: () => answer('register', grant),
    refresh: (token) => answer(token, grant),
    logOut: (_, token) => answer(`log out ${token}`, () => ({})),
    me: () => answer('me', () => alice),
  }
  const wait = (ms: number): void => {
    time += ms
  }
  return { accounts, asked, state, now: () => time, wait }
}

/** Locks of one browser, for all tabs of the test. */
function createLock(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (run) => {
    const mine = last.then(run, run)
    last = mine.catch(() => undefined)
    return mine
  }
}

function createBrowser() {
  const service = createService()
  const keeping = memoryKeeping()
  const alone = createLock()
  const openTab = () => createSession({ accounts: service.accounts, keeping, now: service.now, alone })
  return { ...service, keeping, openTab }
}

test('a session outlives its page, and its token is used until most of its time is over', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  assert.equal(tab.user.value, null)
  await tab.logIn('alice', 'alicepass123')
  const token = await tab.token()

  const again = browser.openTab()
  assert.deepEqual(again.user.value, { id: 'a1', name: 'alice' })
  browser.wait(20 * minutes)
  assert.equal(await again.token(), token)
  browser.wait(4 * minutes)
  assert.notEqual(await again.token(), token)
  assert.deepEqual(browser.asked, ['log in', 'refresh 1'])
})

test('a wrong password is told in the service’s words, and logs nobody in', async () => {
  const tab = createBrowser().openTab()
  await assert.rejects(tab.logIn('alice', 'guess'), { message: 'The name or the password is wrong.' })
  assert.equal(tab.user.value, null)
})

test('two tabs that need a token at once refresh once, and each later one with the newest', async () => {
  const browser = createBrowser()
  const one = browser.openTab()
  await one.logIn('alice', 'alicepass123')
  const other = browser.openTab()
  browser.wait(25 * minutes)
  const [first, second] = await Promise.all([one.token(), other.token()])
  assert.equal(first, second)
  browser.wait(25 * minutes)
  await other.token()
  assert.deepEqual(browser.asked, ['log in', 'refresh 1', 'refresh 2'])
})

test('a token is used to its end while the service is away, and the session is not over', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  await tab.logIn('alice', 'alicepass123')
  const token = await tab.token()
  browser.state.isAway = true
  browser.wait(29 * minutes)
  assert.equal(await tab.token(), token)
  browser.wait(2 * minutes)
  await assert.rejects(tab.token())
  assert.equal(await tab.renew('unknown'), true)
  assert.ok(tab.user.value)
  browser.state.isAway = false
  assert.notEqual(await tab.token(), token)
})

test('a session that the service ended leads back to the log-in, in every tab, with the sentence', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  await tab.logIn('alice', 'alicepass123')
  const other = browser.openTab()
  browser.state.isEnded = true
  browser.wait(29 * minutes)
  await assert.rejects(tab.token())
  assert.equal(tab.user.value, null)
  assert.equal(tab.ending, 'This session has ended. Log in again.')
  other.look()
  assert.equal(other.user.value, null)
  assert.equal(other.ending, tab.ending)
  browser.state.isEnded = false
  await other.logIn('alice', 'alicepass123')
  assert.equal(tab.ending, null)
})

test('a refused token is replaced where the session goes on', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  await tab.logIn('alice', 'alicepass123')
  const before = await tab.token()
  assert.equal(await tab.renew('The token is not valid.'), true)
  assert.notEqual(await tab.token(), before)
  browser.state.isEnded = true
  assert.equal(await tab.renew('The token is not valid.'), false)
  assert.equal(tab.ending, 'The token is not valid.')
})

test('a token that was handed in is used as it is, and its end is the end', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  await tab.useToken('h.e30.s')
  assert.equal(tab.user.value?.name, 'alice')
  browser.wait(1_000 * minutes)
  assert.equal(await tab.token(), 'h.e30.s')
  assert.equal(await tab.renew('The token has expired.'), false)
  assert.equal(tab.ending, 'The token has expired.')
})

test('who logs out while a refresh is under way stays logged out', async () => {
  const browser = createBrowser()
  const tab = browser.openTab()
  await tab.logIn('alice', 'alicepass123')
  browser.wait(25 * minutes)
  let goOn = (): void => undefined
  browser.state.pause = new Promise((resolve) => {
    goOn = resolve
  })
  const token = tab.token()
  const out = tab.logOut()
  goOn()
  await Promise.all([assert.rejects(token.then(() => tab.token())), out])
  assert.equal(browser.openTab().user.value, null)
  assert.ok(browser.asked.includes('log out refresh 1'))
})

test('what is kept for a user is not there for another one', () => {
  const keeping = memoryKeeping()
  keepingOf(keeping, 'a1').setItem('draft', 'of alice')
  assert.equal(keepingOf(keeping, 'b2').getItem('draft'), null)
  assert.equal(keepingOf(keeping, 'a1').getItem('draft'), 'of alice')
})

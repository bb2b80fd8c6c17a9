import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { password } from '../support/accounts.ts'
import { eventually } from '../support/eventually.ts'
import { beginning, chatOn } from './chat-page.ts'
import { chatTest, logIn } from './chat-stage.ts'

chatTest('the two users of development are named, log in, and meet in general', async (stage) => {
  const [left, right] = await Promise.all([stage.open(null), stage.open(null)])
  for (const name of ['testuser', 'testpass123', 'alice', 'alicepass123'])
    await left.page.getByText(name).first().waitFor()
  for (const [window, username, secret] of [
    [left, 'testuser', 'testpass123'],
    [right, 'alice', 'alicepass123'],
  ] as const) {
    await window.page.getByRole('textbox', { name: 'Username' }).fill(username)
    await window.page.getByRole('textbox', { name: 'Password' }).fill(secret)
    await window.page.keyboard.press('Enter')
    await window.show('general')
  }
  await left.say('good morning')
  await right.message('good morning').waitFor()
  await right.say('and to you')
  await left.message('and to you').waitFor()
  await left.log.getByRole('article', { name: beginning('alice') }).waitFor()
  await left.connectionIs('online')
})

chatTest('the room general is open after a login; a phone begins with the list', async (stage) => {
  const ann = await stage.user('Ann')
  const [wide, phone] = await Promise.all([stage.open(ann), stage.open(ann, { width: 360 })])
  await wide.page.getByRole('heading', { name: 'general' }).waitFor()
  await phone.connectionIs('online')
  assert.equal(await phone.page.getByRole('heading', { name: 'general' }).count(), 0)
})

chatTest('a wrong password is told as an alert, and the right one then logs in', async (stage) => {
  const ann = await stage.user('Ann')
  const window = await stage.open(null, { mayFail: true })
  const { page } = window
  await page.getByRole('textbox', { name: 'Username' }).fill(ann.username)
  await page.getByRole('textbox', { name: 'Password' }).fill('not hers at all')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
  assert.equal(await window.groups.isVisible(), false)
  await logIn(window, ann)
})

chatTest('who registers is logged in, and stays so after a reload; a taken name is told', async (stage) => {
  const username = `mia-${randomBytes(4).toString('hex')}`
  const window = await stage.open(null)
  const register = async (given: typeof window) => {
    await given.page.getByRole('textbox', { name: 'Username' }).fill(username)
    await given.page.getByRole('textbox', { name: 'Password' }).fill(password)
    await given.page.getByRole('button', { name: 'Register' }).click()
  }
  await register(window)
  await window.groups.waitFor()
  await window.page.reload()
  await window.page
    .getByRole('button', { name: beginning(username) })
    .first()
    .waitFor()
  await window.connectionIs('online')
  const second = await stage.open(null, { mayFail: true })
  await register(second)
  await second.page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
})

chatTest('a token logs in, pasted or in the address, from which it is removed', async (stage) => {
  const ann = await stage.user('Ann')
  const pasted = await stage.open(null)
  await pasted.page.getByRole('link', { name: 'Use a token' }).click()
  await pasted.page.getByRole('textbox', { name: 'Token' }).fill(ann.token)
  await pasted.page.keyboard.press('Enter')
  await pasted.connectionIs('online')
  await pasted.page.reload()
  await pasted.connectionIs('online')

  const { page, ...linked } = await stage.open(null, { hash: `#token=${ann.token}` })
  await linked.connectionIs('online')
  assert.doesNotMatch(page.url(), /token/)
  assert.equal(await page.evaluate(() => history.length), 2, 'nor does going back show it')

  const refused = await stage.open(null, { hash: '#token=nonsense', mayFail: true })
  await refused.page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
})

chatTest('logging out ends it in all tabs, and a reload does not bring it back', async (stage) => {
  const ann = await stage.user('Ann')
  const window = await stage.open(ann)
  const tab = chatOn(await window.openTab(`${stage.url}/chat-ui`))
  await tab.groups.waitFor()
  const menu = await window.account('Ann')
  await menu.getByRole('menuitem', { name: 'Log out' }).click()
  for (const { page } of [window, tab]) await page.getByRole('button', { name: 'Log in' }).waitFor()
  await window.page.reload()
  await window.page.getByRole('button', { name: 'Log in' }).waitFor()
  const kept = await window.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
  assert.doesNotMatch(kept, /eyJ/, 'no token stays')
})

chatTest('an access token that runs out is renewed, and nobody notices', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  await stage.group('Tea', ann, bob)
  let refreshed = 0
  const window = await stage.open(ann, {
    prepare: async (page) => {
      await page.clock.install()
      page.on('response', (response) => {
        if (response.url().endsWith('/api/auth/refresh') && response.ok()) refreshed++
      })
    },
  })
  await window.show('Tea')
  await window.page.clock.fastForward('31:00')
  await eventually('the token is renewed', () => refreshed > 0)
  await window.say('still here')
  await window.connectionIs('online')
})

chatTest('dark is what the system says, or what the menu says, which is kept', async (stage) => {
  const ann = await stage.user('Ann')
  const window = await stage.open(ann, { colorScheme: 'dark' })
  const lightness = () =>
    window.page.evaluate(() => {
      const [r = 0, g = 0, b = 0] =
        getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.map(Number) ?? []
      return (r + g + b) / 765
    })
  assert.ok((await lightness()) < 0.4)
  const menu = await window.account('Ann')
  await menu.getByText('Dark theme').click()
  await eventually('it is light', async () => (await lightness()) > 0.6)
  await window.page.reload()
  await window.groups.waitFor()
  assert.ok((await lightness()) > 0.6)
})

chatTest(
  'the page is for browsers: / answers JSON to others, and no script of a stranger may run',
  async ({ url }) => {
    const json = await fetch(url, { headers: { accept: 'application/json' } })
    assert.match(json.headers.get('content-type') ?? '', /json/)
    const page = await fetch(url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
    assert.match(page.headers.get('content-type') ?? '', /html/)
    for (const answer of [page, await fetch(`${url}/chat-ui`)]) {
      const policy = answer.headers.get('content-security-policy') ?? ''
      assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/)
      assert.match(policy, /script-src|default-src/)
      assert.match(policy, /require-trusted-types-for 'script'/)
      assert.match(policy, /frame-ancestors/)
    }
  },
)

import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { burst, chatOn } from './chat-page.ts'
import { chatTest } from './chat-stage.ts'

chatTest('who types is told, and no longer once the message is there', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  await stage.group('Tea', ann, bob)
  const [left, right] = await Promise.all([stage.open(ann), stage.open(bob)])
  await Promise.all([left.show('Tea'), right.show('Tea')])
  const typing = left.page.getByRole('status', { name: 'Typing' })
  await right.input.pressSequentially('hm')
  await typing.filter({ hasText: 'Bob is typing' }).waitFor()
  await right.input.press('Enter')
  await left.message('hm').waitFor()
  await eventually('nobody types', async () => !(await typing.textContent())?.includes('typing'))
  await right.input.pressSequentially('or')
  await typing.filter({ hasText: 'Bob is typing' }).waitFor()
  await right.input.fill('')
  await eventually('he let it be', async () => !(await typing.textContent())?.includes('typing'))
})

chatTest('who joins and leaves is noted between the messages', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann)
  const window = await stage.open(ann)
  await window.show('Tea')
  await window.say('anybody?')
  await ann.api.call('POST', `/groups/${tea.id}/members`, { body: { user_id: bob.id } })
  await window.log.getByText('Bob joined').waitFor()
  await bob.api.call('DELETE', `/groups/${tea.id}/members/${bob.id}`)
  await window.log.getByText('Bob left').waitFor()
})

chatTest('two tabs of one user show the same, each message once', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  const window = await stage.open(ann)
  const tab = chatOn(await window.openTab(`${stage.url}/chat-ui`))
  for (const page of [window, tab]) await page.show('Tea')
  const texts: string[] = []
  for (let i = 0; i < 4; i++) {
    for (const [page, name] of [
      [window, 'window'],
      [tab, 'tab'],
    ] as const) {
      texts.push(`${name} ${i}`)
      await page.say(`${name} ${i}`)
    }
    texts.push(`Bob ${i}`)
    await bob.api.send(tea.id, `Bob ${i}`)
    for (const page of [window, tab]) await page.message(`Bob ${i}`).waitFor()
  }
  for (const page of [window, tab]) await page.shows(texts)
  await tab.use(tab.message('Bob 0'), 'React')
  await tab.choose('👍')
  const reaction = window.message('Bob 0').getByRole('button', { name: '👍 1', exact: true })
  await reaction.click()
  await tab
    .message('Bob 0')
    .getByRole('button', { name: /^👍 \d/ })
    .waitFor({ state: 'detached' })
})

chatTest('messages of a burst are all there, in order, at both ends', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  const [left, right] = await Promise.all([stage.open(ann), stage.open(bob)])
  await Promise.all([left.show('Tea'), right.show('Tea')])
  await Promise.all([burst(left, 'Ann', 20), burst(right, 'Bob', 20)])
  await eventually('all are sent', async () => (await ann.api.history(tea.id)).length === 40)
  const texts = (await ann.api.history(tea.id)).map(({ content }) => content)
  await left.shows(texts)
  await right.shows(texts)
  for (const name of ['Ann', 'Bob'])
    assert.deepEqual(
      texts.filter((text) => text.startsWith(name)),
      Array.from({ length: 20 }, (_, i) => `${name} ${i}`),
    )
})

chatTest('in a small group one sees who has read', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  await stage.group('Tea', ann, bob)
  const window = await stage.open(ann)
  await window.show('Tea')
  await window.say('read this')
  const other = await stage.open(bob)
  await other.show('Tea')
  await window.log
    .getByText(/seen by/i)
    .or(window.log.getByRole('img', { name: /seen by/i }))
    .first()
    .waitFor()
})

chatTest(
  'a notification tells of a mention while the page is not looked at, where allowed',
  async (stage) => {
    const [ann, bob] = await stage.users('Ann', 'Bob')
    const [tea, coffee] = await Promise.all([stage.group('Tea', ann, bob), stage.group('Coffee', ann, bob)])
    const window = await stage.open(ann, {
      permissions: ['notifications'],
      prepare: (page) =>
        page.addInitScript(() => {
          const own = globalThis as unknown as { told: string[]; Notification: unknown }
          own.told = []
          own.Notification = class extends EventTarget {
            static permission = 'granted'
            static requestPermission = async () => 'granted'
            constructor(title: string, { body = '' }: NotificationOptions = {}) {
              super()
              own.told.push(`${title}: ${body}`)
            }
            close() {}
          }
        }),
    })
    await window.show('Tea')
    const menu = await window.account('Ann')
    const item = menu.getByRole('menuitemcheckbox', { name: 'Notifications' })
    if ((await item.count()) && (await item.getAttribute('aria-checked')) === 'true')
      await window.page.keyboard.press('Escape')
    else await menu.getByText('Notifications').click()
    await window.page.keyboard.press('Escape')
    await window.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await bob.api.send(coffee.id, 'nothing for you')
    await window.link('Coffee, 1 unread').waitFor()
    await bob.api.call('POST', `/groups/${coffee.id}/messages`, {
      body: { content: 'Ann, come here', mentions: [ann.id] },
    })
    const told = () => window.page.evaluate(() => (globalThis as unknown as { told: string[] }).told)
    await eventually('it is told', async () => (await told()).some((text) => text.includes('come here')))
    assert.equal((await told()).filter((text) => text.includes('nothing for you')).length, 0)
    assert.ok(tea.id)
  },
)

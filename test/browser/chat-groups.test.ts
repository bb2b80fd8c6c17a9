import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { beginning, chatOn } from './chat-page.ts'
import { chatTest } from './chat-stage.ts'

chatTest(
  'a link tells its group, what is unread and the last message; showing it reads it, in all tabs',
  async (stage) => {
    const [ann, bob] = await stage.users('Ann', 'Bob')
    const tea = await stage.group('Tea', ann, bob)
    await stage.group('Coffee', ann, bob)
    const window = await stage.open(ann)
    const tab = chatOn(await window.openTab(`${stage.url}/chat-ui`))
    await tab.show('Coffee')
    await window.show('Coffee')
    for (const text of ['one', 'two', 'the third']) await bob.api.send(tea.id, text)
    for (const page of [window, tab]) {
      await page.link('Tea, 3 unread').waitFor()
      await page.link('Tea').filter({ hasText: 'the third' }).waitFor()
      await eventually('the title counts', async () => /\b3\b/.test(await page.page.title()))
    }
    const names = await window.groups.getByRole('link').allInnerTexts()
    assert.match(names[0] ?? '', /Tea/, 'the latest activity stands first')

    await window.show('Tea')
    await window.message('the third').waitFor()
    for (const page of [window, tab]) {
      await page.groups.getByRole('link', { name: /unread/ }).waitFor({ state: 'detached' })
      await eventually('the title counts nothing', async () => !/\d/.test(await page.page.title()))
    }
    await eventually('the service knows', async () => {
      const { body } = await ann.api.call('GET', `/groups/${tea.id}`)
      return body.unread_count === 0
    })
  },
)

chatTest(
  'the address names the group that is shown: back, forward and a reload keep to it',
  async (stage) => {
    const [ann, bob] = await stage.users('Ann', 'Bob')
    const tea = await stage.group('Tea', ann, bob)
    await stage.group('Coffee', ann, bob)
    const { page, ...window } = await stage.open(ann, { hash: `#group=${tea.id}` })
    const heading = (name: string) => window.main.getByRole('heading', { name, exact: true })
    await heading('Tea').waitFor()
    await window.show('Coffee')
    await page.goBack()
    await heading('Tea').waitFor()
    await page.goForward()
    await heading('Coffee').waitFor()
    await page.reload()
    await heading('Coffee').waitFor()
  },
)

chatTest('a new group is made with people, open or not, and they have it at once', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const [window, other] = await Promise.all([stage.open(ann), stage.open(bob)])
  await window.page.getByRole('button', { name: 'New group' }).click()
  const dialog = window.page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Garden')
  await dialog.getByRole('checkbox', { name: 'Open to everybody' }).check()
  const people = dialog.getByRole('combobox', { name: 'Add people' })
  await people.pressSequentially(bob.username)
  await window.page.getByRole('option', { name: 'Bob' }).waitFor()
  await people.press('ArrowDown')
  await people.press('Enter')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.waitFor({ state: 'detached' })
  await window.main.getByRole('heading', { name: 'Garden', exact: true }).waitFor()
  await window.say('who waters?')
  await other.show('Garden')
  await other.message('who waters?').waitFor()
  const { body } = await ann.api.call<{ groups: { visibility: string; member_count: number }[] }>(
    'GET',
    '/groups?q=Garden',
  )
  assert.deepEqual(
    body.groups.map(({ visibility, member_count }) => [visibility, member_count]),
    [['open', 2]],
  )
})

chatTest('a direct message is begun by naming the person, and is the same for both', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const [window, other] = await Promise.all([stage.open(ann), stage.open(bob)])
  await window.page.getByRole('button', { name: 'New direct message' }).click()
  const dialog = window.page.getByRole('dialog')
  const person = dialog.getByRole('combobox', { name: 'Person' })
  await person.pressSequentially(bob.username)
  await window.page.getByRole('option', { name: 'Bob' }).click()
  await dialog.getByRole('button', { name: 'Start' }).click()
  await window.main.getByRole('heading', { name: 'Bob', exact: true }).waitFor()
  await window.say('just for you')
  await other.show('Ann')
  await other.message('just for you').waitFor()
  await other.say('thanks')
  await window.message('thanks').waitFor()
})

chatTest('on a phone the list and the conversation take turns', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  await bob.api.send(tea.id, 'ready')
  const window = await stage.open(ann, { width: 360, height: 740, hasTouch: true, isMobile: true })
  await window.link('Tea, 1 unread').waitFor()
  assert.equal(await window.log.isVisible(), false)
  await window.link('Tea').tap()
  await window.message('ready').waitFor()
  assert.equal(await window.link('Tea').isVisible(), false)
  await window.input.fill('coming')
  await window.page.getByRole('button', { name: 'Send', exact: true }).tap()
  await window.message('coming').waitFor()
  await window.page.getByRole('button', { name: 'Back to groups' }).tap()
  await window.link('Tea').waitFor()
  assert.equal(await window.log.isVisible(), false)
})

chatTest('a draft is kept for its group, also over a reload', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  await stage.group('Tea', ann, bob)
  await stage.group('Coffee', ann, bob)
  const window = await stage.open(ann)
  await window.show('Tea')
  await window.input.pressSequentially('half a thought')
  await window.show('Coffee')
  assert.equal(await window.input.inputValue(), '')
  await window.show('Tea')
  assert.equal(await window.input.inputValue(), 'half a thought')
  await window.page.reload()
  await window.input.waitFor()
  await eventually('the draft is back', async () => (await window.input.inputValue()) === 'half a thought')
  await window.input.press('Enter')
  await window.message('half a thought').waitFor()
  await window.page.reload()
  await window.message('half a thought').waitFor()
  assert.equal(await window.input.inputValue(), '')
})

chatTest('a group that is deleted, or that one leaves elsewhere, is gone from the list', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const [tea, coffee] = await Promise.all([stage.group('Tea', ann, bob), stage.group('Coffee', ann, bob)])
  const window = await stage.open(bob)
  await window.show('Tea')
  await ann.api.call('DELETE', `/groups/${tea.id}`)
  await window.link('Tea').waitFor({ state: 'detached' })
  await bob.api.call('DELETE', `/groups/${coffee.id}/members/${bob.id}`)
  await window.link('Coffee').waitFor({ state: 'detached' })
  await window.groups.getByRole('link', { name: beginning('Tea') }).waitFor({ state: 'detached' })
})

import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { beginning } from './chat-page.ts'
import { chatTest, type Stage, sentMessage } from './chat-stage.ts'

async function tea(stage: Stage, ...names: string[]) {
  const [ann, ...others] = await stage.users('Ann', ...names)
  assert.ok(ann)
  const group = await stage.group('Tea', ann, ...others)
  const window = await stage.open(ann)
  await window.show('Tea')
  return { ann, others, group, window }
}

const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement)

/** What a screen reader is told to be chosen in the list. */
const active = (field: Locator): Promise<string> =>
  field.evaluate((element) => {
    const id = element.getAttribute('aria-activedescendant')
    const option = id === null ? null : document.getElementById(id)
    return option?.getAttribute('aria-selected') === 'true' ? option.textContent : ''
  })

chatTest('keys of an input method are its own: they neither send nor choose', async (stage) => {
  const { ann, group, window } = await tea(stage, 'Bob')
  const { page, input } = window
  await input.focus()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 })
  // A real input method takes the key itself; here it breaks the line.
  await input.press('Enter')
  assert.match(await input.inputValue(), /^にほん/)
  await devtools.send('Input.insertText', { text: '日本' })
  assert.match(await input.inputValue(), /^日本/)
  await input.press('Enter')
  await window.message('日本').waitFor()
  await sentMessage(ann, group.id, '日本')
  assert.deepEqual(
    (await ann.api.history(group.id)).map(({ content }) => content),
    ['日本'],
  )
})

chatTest(
  'the list of members says what is chosen, and Tab, arrows and undo do what they should',
  async (stage) => {
    const { window, others } = await tea(stage, 'Bob', 'Bea')
    const [bob, bea] = others
    const { page, input } = window
    const list = page.getByRole('listbox', { name: 'Members' })
    await input.pressSequentially('hi @b')
    await list.waitFor()
    assert.equal(await input.getAttribute('aria-controls'), await list.getAttribute('id'))
    const first = await active(input)
    assert.match(first, /Bob|Bea/)
    await input.press('ArrowDown')
    assert.notEqual(await active(input), first)
    await input.press('ArrowDown')
    assert.equal(await active(input), first)
    await input.press('ArrowUp')
    await input.press('ArrowUp')
    await input.press('Tab')
    const chosen = first.includes('Bob') ? bob : bea
    assert.equal(await input.inputValue(), `hi @${chosen?.username} `)
    assert.equal(await isFocused(input), true)
    assert.equal(await list.isVisible(), false)
    await input.press('ControlOrMeta+z')
    assert.equal(await input.inputValue(), 'hi @b')
  },
)

chatTest(
  'an address of mail opens no list, everybody is in it, and Enter sends what is written out',
  async (stage) => {
    const { ann, group, window, others } = await tea(stage, 'Bob')
    const { page, input } = window
    const list = page.getByRole('listbox', { name: 'Members' })
    await input.pressSequentially('me@b')
    await input.press('Space')
    await input.pressSequentially('@al')
    await list.getByRole('option', { name: '@all' }).waitFor()
    await input.press('Enter')
    assert.equal(await input.inputValue(), 'me@b @all ')
    await input.fill(`hello @${others[0]?.username}`)
    await input.press('Enter')
    await window.message('hello').waitFor()
    const sent = await sentMessage(ann, group.id, 'hello')
    assert.deepEqual(sent.mentions, [others[0]?.id])
  },
)

chatTest('emoji are found with the keys alone, and those used last stand in front', async (stage) => {
  const { window } = await tea(stage)
  const { page, input } = window
  const button = page.getByRole('button', { name: 'Emoji', exact: true })
  const dialog = page.getByRole('dialog', { name: 'Emoji' })
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  const open = async () => {
    await button.focus()
    await button.press('Enter')
    await dialog.waitFor()
  }
  await open()
  await page.keyboard.press('ArrowDown')
  const first = await focused()
  await page.keyboard.press('ArrowRight')
  const second = await focused()
  assert.notEqual(second, first)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  assert.equal(await focused(), second)
  await page.keyboard.press('Home')
  assert.equal(await focused(), first)
  await page.keyboard.press('ArrowUp')
  assert.equal(await isFocused(dialog.getByRole('searchbox')), true)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.type('rocket')
  assert.deepEqual(await dialog.getByRole('button').allInnerTexts(), ['🚀'])
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await eventually('it is written', async () => (await input.inputValue()) === '🚀')
  assert.equal(await isFocused(input), true)

  await open()
  assert.equal(await dialog.getByRole('button').first().textContent(), '🚀')
  assert.equal(await dialog.getByRole('button', { name: '🚀', exact: true }).count(), 1)
  await page.keyboard.type('nothing is called so')
  await dialog.getByRole('status').filter({ hasText: /none/ }).waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await eventually('the focus is back', () => isFocused(button))
  assert.equal(await input.inputValue(), '🚀')
})

chatTest('a text that is too long says so, and is not sent', async (stage) => {
  const { ann, group, window } = await tea(stage)
  const { page, input } = window
  const send = page.getByRole('button', { name: 'Send', exact: true })
  await input.fill('a'.repeat(9_900))
  await page.getByText('100 left').waitFor()
  await input.fill('a'.repeat(10_001))
  await page.getByText('1 too many: a message has at most 10,000 characters').waitFor()
  await page.getByRole('status').filter({ hasText: 'It is too long to be sent' }).waitFor()
  assert.equal(await send.isDisabled(), true)
  await input.press('Enter')
  await input.fill('short enough')
  await send.click()
  await window.message('short enough').waitFor()
  await sentMessage(ann, group.id, 'short enough')
  assert.equal(await isFocused(input), true)
  assert.equal((await ann.api.history(group.id)).length, 1)
})

chatTest('a message that is sent before its files are there goes with them', async (stage) => {
  const { ann, group, window } = await tea(stage)
  const { page, input } = window
  let letGo = (): void => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route('**/files?**', async (route) => {
    await held
    await route.continue()
  })
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Attach file' }).click()
  await (await choosing).setFiles([{ name: 'tea.txt', mimeType: 'text/plain', buffer: Buffer.from('tea') }])
  await page.getByRole('progressbar', { name: 'Upload of tea.txt' }).waitFor()
  await input.fill('with a file')
  await input.press('Enter')
  await page.getByRole('status').filter({ hasText: 'as soon as the files are there' }).waitFor()
  assert.equal(await input.inputValue(), 'with a file')
  letGo()
  await window.message('with a file').waitFor()
  assert.equal(await input.inputValue(), '')
  const sent = await sentMessage(ann, group.id, 'with a file')
  assert.deepEqual(
    sent?.attachments.map(({ name }) => name),
    ['tea.txt'],
  )
})

chatTest('people are added by their names, mentioned from the list, and let in again', async (stage) => {
  const { ann, group, window, others } = await tea(stage, 'Bob')
  const cem = await stage.user('Cem')
  const { page, input } = window
  const people = await window.people()
  await people.getByRole('button', { name: 'Invite', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Invite people' })
  await dialog.getByRole('combobox', { name: 'Add people' }).fill(cem.username)
  await dialog.getByRole('option', { name: 'Cem' }).click()
  await dialog.getByText('Cem is in the group now').waitFor()
  await page.keyboard.press('Escape')
  await people.getByRole('button', { name: beginning('Cem') }).waitFor()

  await window.manage('Cem', 'Mention')
  assert.equal(await input.inputValue(), `@${cem.username} `)
  assert.equal(await isFocused(input), true)

  await window.manage('Bob', 'Ban')
  const question = page.getByRole('alertdialog')
  await question.getByRole('button', { name: 'Cancel' }).click()
  await question.waitFor({ state: 'detached' })
  await eventually('the focus is back at Bob', () =>
    isFocused(people.getByRole('button', { name: beginning('Bob') })),
  )
  await window.manage('Bob', 'Ban')
  await question.getByRole('button', { name: 'Ban' }).click()
  await people.getByRole('button', { name: beginning('Bob') }).waitFor({ state: 'detached' })
  await people.getByRole('button', { name: 'Banned people' }).click()
  await page.getByRole('button', { name: 'Unban Bob' }).click()
  await page.getByText('Nobody is banned').waitFor()
  const bans = await ann.api.call<{ bans: unknown[] }>('GET', `/groups/${group.id}/bans`)
  assert.deepEqual(bans.body.bans, [])
  assert.equal(others.length, 1)
})

chatTest('who comes and goes keeps the focus that is on them', async (stage) => {
  const { window, others } = await tea(stage, 'Bob', 'Cem')
  const people = await window.people()
  const bob = people.getByRole('button', { name: beginning('Bob') })
  const part = (name: string) => people.getByRole('list', { name }).getByRole('button')
  await bob.focus()
  const other = await stage.open(others[0] ?? null)
  await part('Online').nth(1).waitFor()
  assert.match((await part('Online').allTextContents()).join(), /Ann.*,.*Bob/)
  assert.equal(await isFocused(bob), true)
  await other[Symbol.asyncDispose]()
  await part('Offline').nth(1).waitFor()
  assert.match((await part('Offline').allTextContents()).join(), /Bob.*,.*Cem/)
  assert.equal(await isFocused(bob), true)
})

chatTest('who is blocked is told so in the list, until they are no more', async (stage) => {
  const { window } = await tea(stage, 'Bob')
  const { page } = window
  const bob = (await window.people()).getByRole('button', { name: beginning('Bob') })
  await window.manage('Bob', 'Block')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Block' }).click()
  await bob.filter({ hasText: 'blocked' }).waitFor()
  await page.reload()
  await bob.filter({ hasText: 'blocked' }).waitFor()
  await window.manage('Bob', 'Unblock')
  await bob.filter({ hasNotText: 'blocked' }).waitFor()
})

chatTest('the people of a large group come as one scrolls, and are found before that', async (stage) => {
  const [ann] = await stage.users('Ann')
  const ids = Array.from({ length: 250 }, (_, i) => `guest-${String(i).padStart(3, '0')}`)
  const group = await ann.api.createGroup('Crowd', [ann.id, ...ids])
  const window = await stage.open(ann)
  await window.show('Crowd')
  const people = await window.people()
  const all = people.getByRole('button', { name: /^guest-/ })
  await all.first().waitFor()
  assert.ok((await all.count()) < 250)
  await people.getByRole('searchbox', { name: 'Filter people' }).fill('guest-249')
  await people.getByRole('button', { name: /^guest-249/ }).waitFor()
  assert.equal(await all.count(), 1)
  await people.getByRole('searchbox', { name: 'Filter people' }).fill('')
  await people.getByRole('button', { name: beginning('Ann') }).focus()
  await window.page.keyboard.press('ArrowDown')
  assert.equal(await isFocused(all.first()), true)
  await eventually('all are there', async () => {
    await all.last().scrollIntoViewIfNeeded()
    return (await all.count()) === 250
  })
  assert.equal(group.member_count, 251)
})

import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import { password } from '../support/accounts.ts'
import { eventually } from '../support/eventually.ts'
import { beginning, type ChatPage } from './chat-page.ts'
import { chatTest } from './chat-stage.ts'

const mostPresses = 60

const isFocused = async (target: Locator): Promise<boolean> =>
  (await target.count()) > 0 && target.first().evaluate((element) => element === document.activeElement)

/** Gets to an element by one key, pressed as often as it takes. */
async function reach({ page }: ChatPage, target: Locator, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < mostPresses; presses++) {
    if (await isFocused(target)) return
    await page.keyboard.press(key)
  }
  const there = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))
  throw new Error(`${target} is not reached by ${key}; the focus is at ${there}`)
}

/** Gets to a button of a toolbar, which is one stop of Tab: arrow keys move in it. */
async function reachTool(window: ChatPage, tool: Locator): Promise<void> {
  const toolbar = window.page.getByRole('toolbar').filter({ has: window.page.locator(':focus') })
  for (let presses = 0; presses < mostPresses && !(await toolbar.count()); presses++)
    await window.page.keyboard.press('Tab')
  await reach(window, tool, 'ArrowRight')
}

/** Whatever has the focus can be seen to have it. */
async function assertSeen({ page }: ChatPage): Promise<void> {
  const { outline, boxShadow, html } = await page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
    return {
      outline: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0,
      boxShadow,
      html: element.outerHTML.slice(0, 200),
    }
  })
  assert.ok(outline || boxShadow !== 'none', `the focus can not be seen at ${html}`)
}

chatTest('a whole conversation goes by keys alone', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  await bob.api.send(tea.id, 'the question')
  const window = await stage.open(null)
  const { page, main } = window
  const button = (name: string | RegExp, within: Locator = main) =>
    within.getByRole('button', { name, exact: true })
  const press = (...keys: string[]) =>
    keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve())

  await reach(window, page.getByRole('textbox', { name: 'Username' }))
  await page.keyboard.type(ann.username)
  await reach(window, page.getByRole('textbox', { name: 'Password' }))
  await page.keyboard.type(password)
  await press('Enter')
  await window.link('Tea').waitFor()

  await reach(window, window.link('Tea'))
  await assertSeen(window)
  await press('Enter')
  await window.message('the question').waitFor()
  await reach(window, window.input)
  await page.keyboard.type('the answer')
  await press('Enter')
  await window.message('the answer').waitFor()
  await eventually('one goes on writing', () => isFocused(window.input))
  await press('ArrowUp')
  await eventually('it is edited', () => isFocused(page.getByRole('textbox', { name: 'Edit message' })))
  await press('End')
  await page.keyboard.type('!')
  await press('Enter')
  await window.message('the answer!').filter({ hasText: '(edited)' }).waitFor()
  await eventually('one goes on writing', () => isFocused(window.input))

  await toMessage('the question')
  await assertSeen(window)
  await reachTool(window, button('React', window.message('the question')))
  await assertSeen(window)
  await press('Enter')
  const emoji = page.getByRole('dialog', { name: 'Emoji' })
  await emoji.waitFor()
  await page.keyboard.type('thumbs up')
  await emoji.getByRole('button', { name: '👍', exact: true }).waitFor()
  await press('Enter')
  await emoji.waitFor({ state: 'detached' })
  await window.message('the question').getByRole('button', { name: '👍 1', exact: true }).waitFor()

  await toMessage('the question')
  await reachTool(window, button('Reply', window.message('the question')))
  await press('Enter')
  await eventually('one writes the reply', () => isFocused(window.input))
  await page.keyboard.type('a reply')
  await press('Enter')
  await window.message('a reply').waitFor()

  await toMessage('a reply')
  await reachTool(window, button('Delete', window.message('a reply')))
  await press('Enter')
  const question = page.getByRole('alertdialog')
  await question.waitFor()
  await reach(window, button('Delete', question))
  await press('Enter')
  await window.message('a reply').waitFor({ state: 'detached' })
  const focus = await page.evaluate(() => document.activeElement?.tagName)
  assert.notEqual(focus, undefined)

  await reach(window, page.getByRole('searchbox', { name: 'Search' }))
  await page.keyboard.type('question')
  const results = page.getByRole('region', { name: 'Search results' })
  await eventually('it is found', async () => {
    await press('Enter')
    return (await results.getByRole('link').count()) > 0
  })
  await reach(window, results.getByRole('link').first())
  await press('Enter')
  await window.message('the question').waitFor()

  await reach(window, button('New group', page.locator('body')))
  await press('Enter')
  const dialog = page.getByRole('dialog')
  await reach(window, dialog.getByRole('textbox', { name: 'Name' }))
  await page.keyboard.type('Garden')
  await reach(window, dialog.getByRole('combobox', { name: 'Add people' }))
  await page.keyboard.type(bob.username)
  await page.getByRole('option', { name: 'Bob' }).waitFor()
  await press('ArrowDown', 'Enter')
  await reach(window, button('Create', dialog))
  await press('Enter')
  await main.getByRole('heading', { name: 'Garden', exact: true }).waitFor()

  const people = page.getByRole('complementary', { name: 'People' })
  if (!(await people.isVisible())) {
    await reach(window, main.getByRole('button', { name: /people/i }))
    await press('Enter')
  }
  await reach(window, people.getByRole('button', { name: beginning('Bob') }))
  await press('Enter')
  await page.getByRole('menu').waitFor()
  await reach(window, page.getByRole('menuitem', { name: 'Make admin' }), 'ArrowDown')
  await press('Enter')
  const asked = page.getByRole('alertdialog')
  if (await asked.isVisible()) {
    await reach(window, button(/make admin/i, asked))
    await press('Enter')
  }
  await people.getByText(/admin/i).first().waitFor()

  await reach(window, page.getByRole('button', { name: beginning('Ann') }).first())
  await press('Enter')
  await reach(window, page.getByRole('menuitem', { name: 'Log out' }), 'ArrowDown')
  await press('Enter')
  await page.getByRole('button', { name: 'Log in' }).waitFor()

  /** From the text field: Shift+Tab into the messages, then the arrow keys to this one. */
  async function toMessage(text: string): Promise<void> {
    const isThere = () => isFocused(window.message(text).first())
    const isInLog = () => window.log.evaluate((log) => log.contains(document.activeElement))
    await window.input.focus()
    for (let presses = 0; presses < mostPresses && !(await isInLog()); presses++) await press('Shift+Tab')
    await press('Home')
    for (let presses = 0; presses < mostPresses && !(await isThere()); presses++) await press('ArrowDown')
    assert.ok(await isThere(), `${text} is not reached`)
  }
})

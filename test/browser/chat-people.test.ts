import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { beginning } from './chat-page.ts'
import { type ChatUser, type ChatWindow, chatTest, type Stage } from './chat-stage.ts'

async function two(stage: Stage) {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  const [left, right] = await Promise.all([stage.open(ann), stage.open(bob)])
  await Promise.all([left.show('Tea'), right.show('Tea')])
  return { ann, bob, tea, left, right }
}

/** What asks back before it acts is answered with yes. */
async function manage(window: ChatWindow, person: string, item: string): Promise<void> {
  await window.manage(person, item)
  const question = window.page.getByRole('alertdialog').or(window.page.getByRole('dialog'))
  if (await question.isVisible()) await question.getByRole('button', { name: new RegExp(item, 'i') }).click()
}

const memberOf = async ({ api }: ChatUser, groupId: string, userId: string) => {
  const { body } = await api.call<{
    members: { user_id: string; role: string; muted_until: string | null }[]
  }>('GET', `/groups/${groupId}/members`)
  return body.members.find(({ user_id }) => user_id === userId)
}

const isWritable = (input: Locator) => async () => (await input.count()) > 0 && (await input.isEditable())

chatTest('people are listed with their roles and who is online, live', async (stage) => {
  const [ann, bob, cem] = await stage.users('Ann', 'Bob', 'Cem')
  await stage.group('Tea', ann, bob, cem)
  const left = await stage.open(ann)
  await left.show('Tea')
  const people = await left.people()
  const person = (name: string) => people.getByRole('button', { name: beginning(name) })
  for (const name of ['Ann', 'Bob', 'Cem']) await person(name).waitFor()
  await people.getByText(/owner/i).first().waitFor()
  const online = (name: string) =>
    person(name).evaluate((button) =>
      /online/i.test(`${button.ariaLabel ?? ''} ${button.textContent} ${button.getAttribute('title')}`),
    )
  await eventually('Ann is online', () => online('Ann'))
  assert.equal(await online('Bob'), false)
  const right = await stage.open(bob)
  await eventually('Bob comes', () => online('Bob'))
  await right[Symbol.asyncDispose]()
  await eventually('Bob goes', async () => !(await online('Bob')))
})

chatTest('who is muted can not write until the mute is lifted', async (stage) => {
  const { ann, bob, tea, left, right } = await two(stage)
  await manage(left, 'Bob', 'Mute')
  await eventually('Bob is muted', async () => Boolean((await memberOf(ann, tea.id, bob.id))?.muted_until))
  await eventually('he can not write', async () => !(await isWritable(right.input)()))
  await left.manage('Bob', 'Unmute')
  await eventually('he can write', isWritable(right.input))
  await right.say('back again')
  await left.message('back again').waitFor()
})

chatTest('who is banned is out at once, and told so', async (stage) => {
  const { ann, bob, tea, left, right } = await two(stage)
  await manage(left, 'Bob', 'Ban')
  await right.link('Tea').waitFor({ state: 'detached' })
  await right.input.waitFor({ state: 'hidden' })
  assert.equal(await memberOf(ann, tea.id, bob.id), undefined)
  const people = await left.people()
  await people.getByRole('button', { name: beginning('Bob') }).waitFor({ state: 'detached' })
  await right.connectionIs('online')
})

chatTest('who is removed is out, and comes back by an invite link', async (stage) => {
  const { ann, bob, tea, left, right } = await two(stage)
  await manage(left, 'Bob', 'Remove')
  await right.link('Tea').waitFor({ state: 'detached' })
  await eventually('he is no member', async () => !(await memberOf(ann, tea.id, bob.id)))

  const people = await left.people()
  await people.getByRole('button', { name: 'Invite', exact: true }).click()
  const dialog = left.page.getByRole('dialog')
  const field = dialog.getByRole('textbox', { name: 'Invite link' })
  await field.waitFor()
  await eventually('there is a link', async () => (await field.inputValue()).startsWith(stage.url))
  const link = await field.inputValue()
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click()
  await eventually(
    'it is copied',
    async () => (await left.page.evaluate(() => navigator.clipboard.readText())) === link,
  )
  await left.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  await right.page.goto(link)
  await right.page.getByText('Tea').first().waitFor()
  await right.page.getByRole('button', { name: 'Join', exact: true }).click()
  await right.main.getByRole('heading', { name: 'Tea', exact: true }).waitFor()
  await right.say('hello again')
  await left.message('hello again').waitFor()
  await left.log.getByText('Bob joined').first().waitFor()
})

chatTest('an invite waits for who has to log in first', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann)
  const { body } = await ann.api.call<{ code: string }>('POST', `/groups/${tea.id}/invites`, { body: {} })
  const window = await stage.open(bob, { hash: `#invite=${body.code}` })
  await window.page.getByRole('button', { name: 'Join', exact: true }).click()
  await window.main.getByRole('heading', { name: 'Tea', exact: true }).waitFor()
})

chatTest('a new admin has what admins have', async (stage) => {
  const { ann, bob, tea, left, right } = await two(stage)
  const people = await right.people()
  assert.equal(await people.getByRole('button', { name: 'Invite', exact: true }).isVisible(), false)
  await manage(left, 'Bob', 'Make admin')
  await eventually('he is one', async () => (await memberOf(ann, tea.id, bob.id))?.role === 'admin')
  await people.getByRole('button', { name: 'Invite', exact: true }).waitFor()
  await left.say('pin me')
  await right.use(right.message('pin me'), 'Pin')
  await eventually('he may pin', async () => {
    const { body } = await ann.api.call<{ messages: unknown[] }>('GET', `/groups/${tea.id}/pins`)
    return body.messages.length === 1
  })
})

chatTest('members have no menu of admins', async (stage) => {
  const { right } = await two(stage)
  const people = await right.people()
  await people.getByRole('button', { name: beginning('Ann') }).click()
  for (const name of ['Mute', 'Ban', 'Remove', 'Make admin'])
    assert.equal(await right.page.getByRole('menuitem', { name, exact: true }).count(), 0, name)
})

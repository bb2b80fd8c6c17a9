import type { Locator } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { gif } from '../support/images.ts'
import { beginning, type ChatPage } from './chat-page.ts'
import { chatTest, type Stage } from './chat-stage.ts'
import { createLooking } from './looking.ts'

const bypassCSP = true

/** A group in which everything has been said. */
async function busyGroup(stage: Stage) {
  const [ann, bob, cem] = await stage.users('Ann Bell', 'Bob', `Cem ${'Long-'.repeat(12)}name`)
  const tea = await stage.group('Tea', ann, bob, cem)
  await stage.group('Empty', ann, bob)
  await stage.group(
    'A group whose name is as long as names of groups get to be, so that it does not fit',
    ann,
  )
  const say = async (content: string, user = bob, more: object = {}) => {
    const { body } = await user.api.call<{ id: string }>('POST', `/groups/${tea.id}/messages`, {
      body: { content, ...more },
    })
    return body.id
  }
  await stage.fill(tea.id, bob, 50)
  const question = await say('Who brings the cake on Tuesday? See https://example.com/cakes?page=2')
  await say('I do, and `code` with\n```\nlet fence = 1 < 2\n```', ann, { reply_to: question })
  await say(`@${ann.username} מה שלומך? שלום`, bob, { mentions: [ann.id] })
  await say('🎉🎉', cem)
  const edited = await say('teh cake', cem)
  await cem.api.call('PUT', `/messages/${edited}`, { body: { content: 'the cake' } })
  for (const [user, emoji] of [
    [ann, '👍'],
    [bob, '👍'],
    [cem, '❤️'],
  ] as const)
    await user.api.call('PUT', `/messages/${question}/reactions/${encodeURIComponent(emoji)}`)
  await ann.api.call('PUT', `/messages/${question}/pin`)
  const deleted = await say('deleted soon')
  await bob.api.call('DELETE', `/messages/${deleted}`)
  const form = new FormData()
  form.append('file', new Blob([gif], { type: 'image/gif' }), 'dot.gif')
  const upload = await fetch(`${stage.url}/api/chat/groups/${tea.id}/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bob.token}` },
    body: form,
  })
  const { id } = (await upload.json()) as { id: string }
  await say('a picture', bob, { attachments: [id] })
  await say('mine, at the end', ann)
  await say('the last word')
  return { ann, bob, cem, tea }
}

/** Closes whatever is open above the page. */
async function leave({ page }: ChatPage, open: Locator): Promise<void> {
  await page.keyboard.press('Escape')
  await open.first().waitFor({ state: 'hidden' })
}

chatTest('nothing is in the way of anybody at the log-in', async (stage) => {
  const looking = createLooking()
  const { page } = await stage.open(null, { bypassCSP, mayFail: true })
  await page.getByRole('textbox', { name: 'Username' }).waitFor()
  await looking.at('log-in', page)
  await page.getByRole('textbox', { name: 'Username' }).fill('nobody')
  await page.getByRole('textbox', { name: 'Password' }).fill('a wrong one')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
  await looking.at('log-in-refused', page)
  await page.getByRole('link', { name: 'Use a token' }).click()
  await page.getByRole('textbox', { name: 'Token' }).waitFor()
  await looking.at('log-in-token', page)
  looking.findsNothing()
})

chatTest('nothing is in the way of anybody in a conversation', async (stage) => {
  const looking = createLooking()
  const { ann, bob, tea } = await busyGroup(stage)
  const window = await stage.open(ann, { bypassCSP })
  const { page } = window
  await window.link('Tea').waitFor()
  await looking.at('groups', page)
  await window.show('Empty')
  await looking.at('conversation-empty', page)
  await window.page.setViewportSize({ width: 1_440, height: 900 })
  await window.show('Tea')
  await window.message('the last word').waitFor()
  const bobs = await bob.api.call('GET', `/groups/${tea.id}`)
  await bob.api.call('PUT', `/groups/${tea.id}/read`, { body: { seq: bobs.body.seq } })
  await looking.at('conversation-busy', page)
  await window.message('the last word').hover()
  await looking.at('message-toolbar', page, [1_440])
  await window.use(window.message('mine, at the end'), 'Edit')
  await looking.at('message-editing', page)
  await page.getByRole('textbox', { name: 'Edit message' }).press('Escape')
  await window.use(window.message('the last word'), 'Reply')
  await window.input.pressSequentially('@')
  await page.getByRole('listbox').waitFor()
  await looking.at('reply-and-mention', page)
  await window.input.press('Escape')
  await window.input.fill('')
  await window.input.press('Escape')
  await page.getByRole('button', { name: 'Emoji', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await looking.at('emoji', page)
  await leave(window, dialog)
  await window.use(window.message('mine, at the end'), 'Delete')
  await looking.at('message-delete', page)
  await leave(window, page.getByRole('alertdialog'))
  await page.mouse.move(700, 400)
  await page.mouse.wheel(0, -1_000)
  await page.getByRole('button', { name: /^Jump to newest/ }).waitFor()
  await looking.at('scrolled-up', page)
  looking.findsNothing()
})

chatTest('nothing is in the way of anybody in dialogs, menus, people and search', async (stage) => {
  const looking = createLooking()
  const { ann, bob } = await busyGroup(stage)
  const window = await stage.open(ann, { bypassCSP })
  const { page } = window
  await window.show('Tea')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'New group' }).click()
  await dialog.getByRole('combobox', { name: 'Add people' }).pressSequentially(bob.username.slice(0, 5))
  await page.getByRole('option').first().waitFor()
  await looking.at('new-group', page)
  await page.keyboard.press('Escape')
  if (await dialog.isVisible()) await leave(window, dialog)
  await page.getByRole('button', { name: 'New direct message' }).click()
  await dialog.waitFor()
  await looking.at('new-direct-message', page)
  await leave(window, dialog)
  const people = await window.people()
  await people.getByRole('button', { name: beginning('Bob') }).waitFor()
  await looking.at('people', page)
  await people.getByRole('button', { name: beginning('Bob') }).click()
  await page.getByRole('menu').waitFor()
  await looking.at('person-menu', page, [1_440])
  await leave(window, page.getByRole('menu'))
  await people.getByRole('button', { name: 'Invite', exact: true }).click()
  await dialog.getByRole('textbox', { name: 'Invite link' }).waitFor()
  await looking.at('invite', page)
  await leave(window, dialog)
  await window.account('Ann Bell')
  await looking.at('account-menu', page, [1_440])
  await leave(window, page.getByRole('menu'))
  const results = await window.search('cake')
  await eventually('there are results', async () => (await results.getByRole('link').count()) > 0)
  await looking.at('search', page)
  looking.findsNothing()
})

chatTest('nothing is in the way of anybody who is offline', async (stage) => {
  const looking = createLooking()
  const { ann, bob, tea } = await busyGroup(stage)
  const proxy = await stage.proxy()
  const window = await stage.open(bob, { bypassCSP, mayFail: true, url: proxy.url })
  await window.show('Tea')
  proxy.refusing = true
  proxy.cut()
  await window.connectionIs('away')
  await window.say('waits for better times')
  await looking.at('offline', window.page)
  await ann.api.call('PATCH', `/groups/${tea.id}/members/${bob.id}`, {
    body: { muted_until: new Date(Date.now() + 3_600_000).toISOString() },
  })
  proxy.refusing = false
  await window.connectionIs('online')
  await window.page.getByRole('button', { name: 'Try again', exact: true }).waitFor()
  await looking.at('not-sent', window.page)
  looking.findsNothing()
})

chatTest('nothing is in the way of anybody whom a link invites', async (stage) => {
  const looking = createLooking()
  const { ann, tea } = await busyGroup(stage)
  const dora = await stage.user('Dora')
  const { body } = await ann.api.call<{ code: string }>('POST', `/groups/${tea.id}/invites`, { body: {} })
  const window = await stage.open(dora, { bypassCSP, hash: `#invite=${body.code}` })
  await window.page.getByRole('button', { name: 'Join', exact: true }).waitFor()
  await looking.at('invited', window.page)
  looking.findsNothing()
})

import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { beginning, type ChatPage, inSight } from './chat-page.ts'
import { chatTest, type Stage, sentMessage } from './chat-stage.ts'

/** Ann, who owns the group, and Bob, both looking at it. */
async function two(stage: Stage) {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  const [left, right] = await Promise.all([stage.open(ann), stage.open(bob)])
  await Promise.all([left.show('Tea'), right.show('Tea')])
  return { ann, bob, tea, left, right }
}

const gone = ({ message }: ChatPage, text: string) => message(text).first().waitFor({ state: 'detached' })

chatTest('Enter sends, Shift+Enter breaks the line, blank text is not sent', async (stage) => {
  const { ann, tea, left, right } = await two(stage)
  await left.input.press('Enter')
  await left.input.fill('  \n ')
  await left.input.press('Enter')
  await left.input.fill('')
  await left.input.pressSequentially('first line')
  await left.input.press('Shift+Enter')
  await left.input.pressSequentially('second line')
  await left.input.press('Enter')
  for (const window of [left, right]) await window.message(/first line\s*\n\s*second line/).waitFor()
  assert.equal(await left.input.inputValue(), '')
  await left.input.fill('by the button')
  await left.page.getByRole('button', { name: 'Send', exact: true }).click()
  await right.shows(['first line', 'second line', 'by the button'])
  await left.shows(['first line', 'second line', 'by the button'])
  const contents = (await ann.api.history(tea.id)).map(({ content }) => content)
  assert.deepEqual(contents, ['first line\nsecond line', 'by the button'])
  const name = await right.message('by the button').getAttribute('aria-label')
  const named = right.log.getByRole('article', { name: /^Ann, .*\d\d?:\d\d/ })
  await named.last().waitFor()
  assert.ok((await named.count()) === 2, `${name} is not: display name, time`)
})

chatTest('a reply shows what it answers, and jumps there', async (stage) => {
  const { ann, bob, tea, left } = await two(stage)
  const first = await bob.api.send(tea.id, 'who has the keys?')
  await left.message('who has the keys?').waitFor()
  await stage.fill(tea.id, ann, 150)
  await ann.api.call('POST', `/groups/${tea.id}/messages`, { body: { content: 'I do', reply_to: first.id } })
  const reply = left.message('I do')
  await reply.filter({ hasText: 'who has the keys?' }).filter({ hasText: 'Bob' }).waitFor()
  await left.use(reply, 'Reply')
  await left.input.fill('and the car')
  await left.input.press('Enter')
  await left.message('and the car').filter({ hasText: 'I do' }).waitFor()
  const newest = await sentMessage(ann, tea.id, 'and the car')
  assert.ok(newest?.reply_to && newest.reply_to !== first.id)

  const quote = reply.getByRole('button').or(reply.getByRole('link')).filter({ hasText: 'who has the keys?' })
  await quote.click()
  const original = left.articles.filter({ hasText: 'who has the keys?' }).filter({ hasNotText: 'I do' })
  await inSight(original.first())
})

chatTest('a reply that is begun can be let go', async (stage) => {
  const { ann, bob, tea, left } = await two(stage)
  await bob.api.send(tea.id, 'a question')
  await left.use(left.message('a question'), 'Reply')
  await left.input.press('Escape')
  await left.say('no answer')
  assert.equal((await sentMessage(ann, tea.id, 'no answer')).reply_to, null)
})

chatTest('reactions are counted, and a click on one adds or takes back', async (stage) => {
  const { bob, tea, left, right } = await two(stage)
  await bob.api.send(tea.id, 'cake at four')
  const [mine, theirs] = [left.message('cake at four'), right.message('cake at four')]
  await left.use(mine, 'React')
  await left.choose('👍')
  const thumbs = (message: Locator, count: number) =>
    message.getByRole('button', { name: `👍 ${count}`, exact: true })
  await thumbs(mine, 1).waitFor()
  await thumbs(theirs, 1).click()
  await thumbs(mine, 2).waitFor()
  await thumbs(theirs, 2).click()
  await thumbs(mine, 1).waitFor()
  await thumbs(theirs, 1).waitFor()
  await thumbs(mine, 1).click()
  for (const message of [mine, theirs])
    await message.getByRole('button', { name: /^👍 \d/ }).waitFor({ state: 'detached' })
})

chatTest('ArrowUp edits the last own message; Escape lets it be, Enter and Save keep it', async (stage) => {
  const { left, right } = await two(stage)
  await left.say('teh first')
  await right.say('in between')
  await left.message('in between').waitFor()
  const editor = left.page.getByRole('textbox', { name: 'Edit message' })
  await left.input.press('ArrowUp')
  assert.equal(await editor.inputValue(), 'teh first')
  await editor.fill('never')
  await editor.press('Escape')
  await editor.waitFor({ state: 'detached' })
  assert.equal(await left.message('never').count(), 0)
  await left.input.press('ArrowUp')
  await editor.fill('the first')
  await editor.press('Enter')
  await editor.waitFor({ state: 'detached' })
  for (const window of [left, right])
    await window.message('the first').filter({ hasText: '(edited)' }).waitFor()

  await left.use(left.message('the first'), 'Edit')
  await editor.fill('the very first')
  await left.page.getByRole('button', { name: 'Save', exact: true }).click()
  await right.message('the very first').waitFor()
  await left.use(left.message('the very first'), 'Edit')
  await editor.fill('not this')
  await left.page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await editor.waitFor({ state: 'detached' })
  await left.message('the very first').waitFor()
  assert.equal(await right.message('not this').count(), 0)
})

chatTest('a message is deleted after a question, and is gone for all', async (stage) => {
  const { left, right } = await two(stage)
  const said = await left.say('too much')
  await right.message('too much').waitFor()
  const question = left.page.getByRole('alertdialog')
  await left.use(said, 'Delete')
  await question.waitFor()
  await left.page.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  await left.message('too much').waitFor()
  await left.use(said, 'Delete')
  await question.getByRole('button', { name: 'Delete', exact: true }).click()
  await Promise.all([gone(left, 'too much'), gone(right, 'too much')])
})

chatTest('one changes what is one’s own, an admin also removes and pins what is not', async (stage) => {
  const { ann, tea, left, right } = await two(stage)
  await left.say('of the owner')
  await right.say('of the member')
  const button = (article: Locator, name: string) => article.getByRole('button', { name, exact: true })
  const [foreign, own] = [right.message('of the owner'), right.message('of the member')]
  await foreign.hover()
  await button(foreign, 'Reply').waitFor()
  for (const name of ['Edit', 'Delete', 'Pin']) assert.equal(await button(foreign, name).count(), 0, name)
  await own.hover()
  for (const name of ['React', 'Reply', 'Edit', 'Delete', 'Copy link']) await button(own, name).waitFor()

  const theirs = left.message('of the member')
  await theirs.hover()
  assert.equal(await button(theirs, 'Edit').count(), 0)
  await left.use(theirs, 'Pin')
  await eventually('it is pinned', async () => {
    const { body } = await ann.api.call<{ messages: unknown[] }>('GET', `/groups/${tea.id}/pins`)
    return body.messages.length === 1
  })
  await left.use(theirs, 'Delete')
  await left.page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await gone(right, 'of the member')
})

chatTest('a copied link opens the group at that message', async (stage) => {
  const { ann, bob, tea, left } = await two(stage)
  await bob.api.send(tea.id, 'remember this')
  await stage.fill(tea.id, ann, 200)
  await eventually('the first is loaded', async () => {
    await left.scrollTo(0)
    return (await left.message('remember this').count()) === 1
  })
  await left.use(left.message('remember this'), 'Copy link')
  const read = () => left.page.evaluate(() => navigator.clipboard.readText())
  await eventually('it is copied', async () => (await read()).includes('message='))
  const link = new URL(await read())
  assert.equal(link.origin, stage.url)
  const window = await stage.open(bob, { hash: link.hash })
  await window.main.getByRole('heading', { name: 'Tea', exact: true }).waitFor()
  await window.message('remember this').waitFor()
  await inSight(window.message('remember this'))
})

chatTest('a direct chat has replies, reactions and edits as a group has', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const { body } = await ann.api.call<{ id: string }>('POST', '/direct', { body: { user_id: bob.id } })
  await ann.api.send(body.id, 'psst')
  const window = await stage.open(bob)
  await window.link('Ann, 1 unread').click()
  await window.message('psst').waitFor()
  await window.use(window.message('psst'), 'React')
  await window.choose('❤️')
  await window
    .message('psst')
    .getByRole('button', { name: beginning('❤️ 1') })
    .waitFor()
  await window.say('what?')
  await window.input.press('ArrowUp')
  await window.page.getByRole('textbox', { name: 'Edit message' }).fill('what is it?')
  await window.page.keyboard.press('Enter')
  await window.message('what is it?').filter({ hasText: '(edited)' }).waitFor()
})

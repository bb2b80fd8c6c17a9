import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { inSight } from './chat-page.ts'
import { chatTest } from './chat-stage.ts'

chatTest(
  'search finds messages of all groups, and opens the group at the one that was chosen',
  async (stage) => {
    const [ann, bob] = await stage.users('Ann', 'Bob')
    const tea = await stage.group('Tea', ann, bob)
    await stage.group('Coffee', ann, bob)
    await bob.api.send(tea.id, 'the marmalade is gone')
    await stage.fill(tea.id, bob, 200)
    await bob.api.send(tea.id, 'new marmalade is here')
    const window = await stage.open(ann)
    await window.show('Coffee')
    let results = await window.search('marmal')
    await eventually('the index has both', async () => {
      if ((await results.getByRole('link').count()) === 2) return true
      results = await window.search('marmal')
      return false
    })
    const links = results.getByRole('link')
    assert.match((await links.first().textContent()) ?? '', /new marmalade/)
    await links.filter({ hasText: 'the marmalade is gone' }).click()
    await window.main.getByRole('heading', { name: 'Tea', exact: true }).waitFor()
    const found = window.message('the marmalade is gone')
    await found.waitFor()
    await inSight(found)
    await window.page.getByRole('button', { name: /^Jump to newest/ }).click()
    await window.message('new marmalade is here').waitFor()
  },
)

chatTest('a search without a result says so, and what operators would be is text', async (stage) => {
  const [ann] = await stage.users('Ann')
  const tea = await stage.group('Tea', ann)
  const window = await stage.open(ann, { mayFail: true })
  await window.show('Tea')
  await ann.api.send(tea.id, 'a "quoted" word AND another')
  for (const words of ['zzzzzz', '" OR 1=1 --', '(((', 'NEAR(', '*']) {
    const results = await window.search(words)
    await eventually(`it is answered: ${words}`, async () => /\w/.test((await results.textContent()) ?? ''))
    assert.equal(await results.getByRole('link').count(), 0, words)
  }
})

chatTest('what was found leaves the conversation room beside it', async (stage) => {
  const [ann] = await stage.users('Ann')
  await stage.group('Tea and cake', ann)
  const window = await stage.open(ann, { width: 1_200 })
  await window.show('Tea and cake')
  await window.search('zzzzzz')
  const heading = window.main.getByRole('heading', { level: 1 })
  assert.equal(await heading.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth), true)
})

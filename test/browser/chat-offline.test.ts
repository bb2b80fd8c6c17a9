import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { burst, chatOn } from './chat-page.ts'
import { type ChatUser, chatTest, type Stage } from './chat-stage.ts'

/** Bob's way to the service can be cut; Ann's can't. */
async function cuttable(stage: Stage) {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  const proxy = await stage.proxy()
  const [left, right] = await Promise.all([
    stage.open(ann),
    stage.open(bob, { url: proxy.url, mayFail: true }),
  ])
  await Promise.all([left.show('Tea'), right.show('Tea')])
  return {
    ...{ ann, bob, tea, left, right, proxy },
    cut: async () => {
      proxy.refusing = true
      proxy.cut()
      await right.connectionIs('away')
    },
    heal: () => {
      proxy.refusing = false
    },
  }
}

const contentsOf = async ({ api }: ChatUser, groupId: string) =>
  (await api.history(groupId)).map(({ content }) => content)

chatTest(
  'cut off, one goes on writing; back, all is there, once and in order, at both ends',
  async (stage) => {
    const { ann, tea, left, right, cut, heal } = await cuttable(stage)
    await right.say('before')
    await cut()
    for (const text of ['waits 1', 'waits 2', 'waits 3']) {
      const said = await right.say(text)
      await said.filter({ hasText: /sending/i }).waitFor()
    }
    for (const text of ['meanwhile 1', 'meanwhile 2']) await left.say(text)
    heal()
    await right.connectionIs('online')
    const texts = ['before', 'meanwhile 1', 'meanwhile 2', 'waits 1', 'waits 2', 'waits 3']
    await right.shows(texts)
    await left.shows(texts)
    assert.deepEqual(await contentsOf(ann, tea.id), texts)
    await eventually(
      'nothing is being sent',
      async () => !/sending/i.test((await right.log.textContent()) ?? ''),
    )
  },
)

chatTest('the state of the network that the browser tells is told', async (stage) => {
  const { right, cut, heal } = await cuttable(stage)
  const context = right.page.context()
  await context.setOffline(true)
  await cut()
  await right.connection.filter({ hasText: /offline/i }).waitFor({ state: 'attached' })
  heal()
  await context.setOffline(false)
  await right.connectionIs('online')
})

chatTest('a reload in mid-send loses nothing and sends nothing twice', async (stage) => {
  const { ann, tea, left, right, proxy } = await cuttable(stage)
  proxy.delayMs = 300
  const texts: string[] = []
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 3; i++) {
      texts.push(`round ${round} text ${i}`)
      await right.input.fill(`round ${round} text ${i}`)
      await right.input.press('Enter')
    }
    await right.page.reload()
    await right.input.waitFor()
  }
  proxy.delayMs = 0
  await right.shows(texts)
  await left.shows(texts)
  assert.deepEqual(await contentsOf(ann, tea.id), texts)
})

chatTest('what waits survives a reload, a closed tab, and that the page is opened offline', async (stage) => {
  const { ann, tea, left, right, proxy, cut, heal } = await cuttable(stage)
  await right.page.evaluate(async () => void (await navigator.serviceWorker?.ready))
  await right.page.reload()
  await right.show('Tea')
  await cut()
  await right.say('waits 1')
  await right.input.pressSequentially('a draft')
  await right.page.reload()
  await right
    .message('waits 1')
    .filter({ hasText: /sending/i })
    .waitFor()
  await eventually('the draft is back', async () => (await right.input.inputValue()) === 'a draft')
  await right.input.fill('waits 2')
  await right.input.press('Enter')
  await right.message('waits 2').waitFor()
  const hash = new URL(right.page.url()).hash
  await right.page.close()
  heal()
  const tab = chatOn(await right.openTab(`${proxy.url}/chat-ui${hash}`))
  await tab.shows(['waits 1', 'waits 2'])
  await left.shows(['waits 1', 'waits 2'])
  assert.deepEqual(await contentsOf(ann, tea.id), ['waits 1', 'waits 2'])
})

chatTest('with two tabs open, what waits is sent once', async (stage) => {
  const { ann, tea, left, right, proxy, cut, heal } = await cuttable(stage)
  const tab = chatOn(await right.openTab(`${proxy.url}/chat-ui`))
  await tab.show('Tea')
  await cut()
  await right.say('from the first')
  await tab.say('from the second')
  heal()
  for (const page of [right, tab]) await page.connectionIs('online')
  await left.message('from the first').waitFor()
  await left.message('from the second').waitFor()
  const texts = await contentsOf(ann, tea.id)
  assert.deepEqual(texts.toSorted(), ['from the first', 'from the second'])
  for (const page of [left, right, tab]) await page.shows(texts)
})

chatTest('what is refused is not sent, says so, and goes by Try again once it may', async (stage) => {
  const { ann, bob, tea, left, right, cut, heal } = await cuttable(stage)
  await cut()
  await right.say('may I?')
  const mute = (muted_until: string | null) =>
    ann.api.call('PATCH', `/groups/${tea.id}/members/${bob.id}`, { body: { muted_until } })
  await mute(new Date(Date.now() + 3_600_000).toISOString())
  heal()
  await right.connectionIs('online')
  const failed = right.message('may I?')
  await failed.filter({ hasText: /not sent/i }).waitFor()
  assert.deepEqual(await contentsOf(ann, tea.id), [])
  await mute(null)
  await failed.getByRole('button', { name: 'Try again', exact: true }).click()
  await left.message('may I?').waitFor()
  await eventually('it is sent', async () => !/not sent|sending/i.test((await failed.textContent()) ?? ''))
  await right.shows(['may I?'])
  assert.deepEqual(await contentsOf(ann, tea.id), ['may I?'])
})

chatTest('edits, reactions and deletions that were missed are caught up with', async (stage) => {
  const { ann, bob, tea, left, right, cut, heal } = await cuttable(stage)
  for (const text of ['to edit', 'to react to', 'to delete']) await left.say(text)
  await right.message('to delete').waitFor()
  const [edited, reacted, deleted] = await ann.api.history(tea.id)
  await cut()
  await ann.api.call('PUT', `/messages/${edited?.id}`, { body: { content: 'was edited' } })
  await ann.api.call('PUT', `/messages/${reacted?.id}/reactions/${encodeURIComponent('👍')}`)
  await ann.api.call('DELETE', `/messages/${deleted?.id}`)
  heal()
  await right.message('was edited').waitFor()
  await right.message('to react to').getByRole('button', { name: '👍 1', exact: true }).waitFor()
  await right.message('to delete').waitFor({ state: 'detached' })
  assert.ok(bob)
})

chatTest('cuts at random moments while both write: nothing lost, nothing twice', async (stage) => {
  const { ann, tea, left, right, proxy } = await cuttable(stage)
  const both = Promise.all([burst(left, 'Ann', 15), burst(right, 'Bob', 15)])
  for (let cuts = 0; cuts < 5; cuts++) {
    await right.page.waitForTimeout(100 + cuts * 37)
    if (cuts % 2) proxy.cutNear()
    else proxy.cut()
  }
  await both
  await right.connectionIs('online')
  await eventually('all are sent', async () => (await contentsOf(ann, tea.id)).length >= 30, 40_000)
  const texts = await contentsOf(ann, tea.id)
  assert.equal(new Set(texts).size, 30)
  await right.shows(texts)
  await left.shows(texts)
})

import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { chatTest, type Stage } from './chat-stage.ts'

async function longGroup(stage: Stage, count: number) {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const tea = await stage.group('Tea', ann, bob)
  const texts = await stage.fill(tea.id, ann, count)
  const window = await stage.open(ann)
  return { ann, bob, tea, texts, window }
}

/** How far the newest message's end is below what can be seen of the log. */
const belowSight = (log: Locator) =>
  log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)

/**
 * Scrolls to the top, and waits for older messages to come in front. Answers by how many pixels one that is in the middle of what is
 * seen was moved in any frame meanwhile; null where none came.
 */
const jumpOnLoading = (log: Locator) =>
  log.evaluate(async (element) => {
    const articles = () => [...element.querySelectorAll<HTMLElement>('article, [role=article]')]
    const frame = () => new Promise(requestAnimationFrame)
    element.scrollTo(0, 0)
    await frame()
    await frame()
    const first = articles()[0]?.textContent
    const { top: edge, height } = element.getBoundingClientRect()
    const watched = articles().find((each) => each.getBoundingClientRect().top > edge + height / 3)
    const text = watched?.textContent
    const top = () =>
      articles()
        .find(({ textContent }) => textContent === text)
        ?.getBoundingClientRect().top ?? Number.NaN
    const before = top()
    let moved = 0
    const end = performance.now() + 10_000
    for (let framesAfter = 0; framesAfter < 10; ) {
      if (performance.now() > end) return null
      if (articles()[0]?.textContent !== first) framesAfter++
      await frame()
      moved = Math.max(moved, Math.abs(top() - before))
    }
    return moved
  })

chatTest(
  'older messages come in front without moving what is read, none missing, none twice, to the first',
  async (stage) => {
    const { texts, window } = await longGroup(stage, 400)
    await window.show('Tea')
    await window
      .message(texts.at(-1) ?? '')
      .first()
      .waitFor()
    assert.ok((await belowSight(window.log)) < 30, 'the newest is in sight')
    const seen = new Set<string>()
    const look = async () => {
      const shown = await window.shown(texts)
      const at = texts.indexOf(shown[0] ?? '')
      assert.deepEqual(shown, texts.slice(at, at + shown.length), 'in order, without a gap')
      for (const text of shown) seen.add(text)
    }
    await look()
    while (!(await window.shown(texts.slice(0, 1))).length) {
      const moved = await jumpOnLoading(window.log)
      if (moved === null) break
      assert.ok(moved <= 2, `it jumped by ${moved} pixels`)
      await look()
    }
    assert.equal(seen.size, texts.length)
    assert.equal(await window.page.getByRole('button', { name: 'Load older messages' }).isVisible(), false)
  },
)

chatTest('Jump to newest counts what came while one read above, and goes there', async (stage) => {
  const { bob, tea, texts, window } = await longGroup(stage, 200)
  await window.show('Tea')
  await window
    .message(texts.at(-1) ?? '')
    .first()
    .waitFor()
  const jump = window.page.getByRole('button', { name: /^Jump to newest/ })
  assert.equal(await jump.isVisible(), false)
  await window.page.mouse.move(800, 400)
  await window.page.mouse.wheel(0, -1_500)
  await jump.waitFor()
  const [first] = await window.articles.all()
  assert.ok(first)
  const before = await belowSight(window.log)
  for (const text of ['new one', 'new two']) await bob.api.send(tea.id, text)
  await window.page.getByRole('button', { name: /^Jump to newest.*2|2.*new/ }).waitFor()
  assert.ok((await belowSight(window.log)) >= before - 2, 'what is read stays')
  await jump.click()
  await window.message('new two').waitFor()
  await eventually('the newest is in sight', async () => (await belowSight(window.log)) < 30)
  await jump.waitFor({ state: 'hidden' })
  await bob.api.send(tea.id, 'new three')
  await window.message('new three').waitFor()
  await eventually('it follows', async () => (await belowSight(window.log)) < 30)
})

chatTest('at most 300 articles are in the document with thousands loaded', async (stage) => {
  const { texts, window } = await longGroup(stage, 2_000)
  await window.show('Tea')
  await window
    .message(texts.at(-1) ?? '')
    .first()
    .waitFor()
  await window.page.evaluate(() => {
    const own = window as unknown as { most: number }
    own.most = 0
    const count = () => {
      own.most = Math.max(own.most, document.querySelectorAll('article, [role=article]').length)
    }
    count()
    new MutationObserver(count).observe(document.body, { childList: true, subtree: true })
  })
  const hasFirst = async () => (await window.shown(texts.slice(0, 1))).length > 0
  await eventually(
    'all is loaded',
    async () => {
      await window.scrollTo(0)
      return hasFirst()
    },
    60_000,
  )
  for (const share of [0.25, 0.5, 0.75]) {
    await window.log.evaluate((log, at) => log.scrollTo(0, log.scrollHeight * at), share)
    await eventually('there is no hole', () =>
      window.log.evaluate((log) => {
        const { top, left, width, height } = log.getBoundingClientRect()
        return [0.2, 0.5, 0.8].every((part) => {
          const hit = document.elementFromPoint(left + width / 2, top + height * part)
          return hit !== log && log.contains(hit)
        })
      }),
    )
    const shown = await window.shown(texts)
    const at = texts.indexOf(shown[0] ?? '')
    assert.ok(shown.length > 0)
    assert.deepEqual(shown, texts.slice(at, at + shown.length))
  }
  await window.page.getByRole('button', { name: /^Jump to newest/ }).click()
  await eventually('the newest is in sight', async () => (await belowSight(window.log)) < 30)
  await window
    .message(texts.at(-1) ?? '')
    .first()
    .waitFor()
  const most = await window.page.evaluate(() => (window as unknown as { most: number }).most)
  stage.tell(`at most ${most} articles`)
  assert.ok(most <= 300, `${most} articles`)
})

chatTest('a short history that does not scroll has all of it', async (stage) => {
  const { texts, window } = await longGroup(stage, 50)
  await window.page.setViewportSize({ width: 1_440, height: 2_400 })
  await window.show('Tea')
  const older = window.page.getByRole('button', { name: 'Load older messages' })
  await eventually('all are there', async () => {
    if (await older.isVisible()) await older.click()
    return (await window.shown(texts)).length === texts.length
  })
})

chatTest('a click on a group shows its newest messages soon', async (stage) => {
  const [ann, bob] = await stage.users('Ann', 'Bob')
  const groups = await Promise.all(['Tea', 'Coffee', 'Cake'].map((name) => stage.group(name, ann, bob)))
  await Promise.all(groups.map(({ id }) => stage.fill(id, bob, 100)))
  for (const { id, name } of groups) await bob.api.send(id, `the newest of ${name}`)
  const window = await stage.open(ann)
  const times: number[] = []
  for (const name of ['Tea', 'Coffee', 'Cake', 'Tea', 'Coffee'])
    times.push(
      await window.link(name).evaluate(async (link, text) => {
        const log = () => document.querySelector('[role=log]')
        const from = performance.now()
        ;(link as HTMLElement).click()
        while (!log()?.textContent?.includes(text)) {
          if (performance.now() - from > 10_000) break
          await new Promise(requestAnimationFrame)
        }
        return performance.now() - from
      }, `the newest of ${name}`),
    )
  stage.tell(`newest messages after ${times.map(Math.round).join(', ')} ms`)
  assert.ok(Math.max(...times) < 5_000)
})

chatTest('what was unread is marked, and opening begins there', async (stage) => {
  const { ann, bob, tea, texts, window } = await longGroup(stage, 100)
  const { seq } = (await ann.api.call<{ seq: number }>('GET', `/groups/${tea.id}`)).body
  await bob.api.call('PUT', `/groups/${tea.id}/read`, { body: { seq: seq - 40 } })
  const other = await stage.open(bob)
  await other.link('Tea, 40 unread').click()
  const first = other.message(texts.at(-40) ?? '').first()
  await first.waitFor()
  const { top, height } = await first.evaluate((element) => ({
    top: element.getBoundingClientRect().top,
    height: innerHeight,
  }))
  assert.ok(top > 0 && top < height, `the first unread one is in sight, at ${top}`)
  await window.link('Tea').waitFor()
})

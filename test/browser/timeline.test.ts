import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { eventually } from '../support/eventually.ts'
import { openPage, withoutBrowser } from './browser.ts'
import type { Scene } from './timeline/scene.ts'
import { serveScene } from './timeline/serve.ts'

declare const scene: Scene

const options = { skip: withoutBrowser() }
let served: Awaited<ReturnType<typeof serveScene>> | undefined
before(async () => {
  if (!options.skip) served = await serveScene()
})
after(() => served?.[Symbol.asyncDispose]())

const open = (width?: number) => openPage(served?.url ?? '', width === undefined ? {} : { width })
const log = (page: Page) => page.getByRole('log', { name: 'Messages' })
const articles = (page: Page) => log(page).getByRole('article')
const article = (page: Page, text: string | RegExp) => articles(page).filter({ hasText: text })
const calls = (page: Page): Promise<string[]> => page.evaluate(() => scene.calls)

/** Resolves when so many frames have been drawn. */
const frames = (page: Page, count = 2) =>
  page.evaluate(async (left) => {
    for (let i = 0; i < left; i++) await new Promise(requestAnimationFrame)
  }, count)

/** How many pixels are between the log's end and what is seen. */
const fromEnd = (page: Page): Promise<number> =>
  log(page).evaluate((log) => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop))

/** In each frame until `stop`: how far the message was from where it was first. */
async function watchPlace(page: Page, seq: number): Promise<{ stop(): Promise<number> }> {
  await page.evaluate((seq) => {
    const place = () => document.querySelector(`[data-id=m${seq}]`)?.getBoundingClientRect().top ?? Number.NaN
    const first = place()
    let most = 0
    let isOver = false
    const look = (): void => {
      most = Math.max(most, Math.abs(place() - first))
      if (!isOver) requestAnimationFrame(() => setTimeout(look))
    }
    look()
    Object.assign(globalThis, {
      stopWatching: () => {
        isOver = true
        return most
      },
    })
  }, seq)
  return {
    async stop() {
      await frames(page, 3)
      return page.evaluate(() => (globalThis as unknown as { stopWatching(): number }).stopWatching())
    },
  }
}

/**
 * From now on: how long each task of the page took, in milliseconds of the processor. What other processes take of it meanwhile is
 * not the page's.
 */
async function traceTasks(page: Page): Promise<() => Promise<number[]>> {
  const browser = page.context().browser()
  await browser?.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] })
  return async () => {
    const { traceEvents }: Trace = JSON.parse(String(await browser?.stopTracing()))
    const threads = traceEvents.filter(({ args }) => args?.name === 'CrRendererMain').map(threadOf)
    return traceEvents
      .filter((event) => event.name.endsWith('RunTask') && threads.includes(threadOf(event)))
      .map(({ tdur = 0 }) => tdur / 1_000)
  }
}

interface Trace {
  traceEvents: { name: string; pid: number; tid: number; tdur?: number; args?: { name?: string } }[]
}

const threadOf = ({ pid, tid }: Trace['traceEvents'][number]): string => `${pid} ${tid}`

test(
  'messages are articles with a name and a time, between lines of days, notices and what is new',
  options,
  async () => {
    await using opened = await open()
    const { page } = opened
    await page.evaluate(() => {
      scene.notice(2, 'bob joined')
      scene.put(scene.messageOf(3, { is_deleted: true, content: '' }))
      scene.put(
        scene.messageOf(4, { edited_at: new Date().toISOString(), pinned_at: new Date().toISOString() }),
      )
      scene.load(1, 5, { unreadFrom: 5 })
      scene.pend('c1', 'on its way', 'waiting')
      scene.pend('c2', 'refused', 'failed', 'You are muted.')
    })
    await article(page, 'refused').waitFor()
    const names = await articles(page).evaluateAll((all) => all.map((each) => each.ariaLabel))
    assert.equal(names.length, 7)
    assert.match(names[0] ?? '', /^Test User, \d\d:\d\d/)
    assert.match(names[3] ?? '', /^Alice, \d\d:\d\d/)
    const text = (await log(page).textContent()) ?? ''
    assert.match(
      text,
      /bob joined[\s\S]*message deleted[\s\S]*Pinned[\s\S]*\(edited\)[\s\S]*New[\s\S]*Message 5[\s\S]*sending[\s\S]*not sent/,
    )
    assert.match(text, /Yesterday|Today/)
    assert.match(text, /This is the beginning of general/)
    await article(page, 'refused').getByRole('button', { name: 'Try again' }).click()
    await article(page, 'refused').getByRole('button', { name: 'Discard' }).click()
    assert.deepEqual(
      (await calls(page)).filter((call) => !call.startsWith('seen')),
      ['retry c2', 'discard c2'],
    )
    assert.deepEqual(opened.errors, [])
    assert.deepEqual(opened.strangers, [])
  },
)

test(
  'with 10,000 messages and 20 a second coming in no task takes long, at the end and on the way up',
  options,
  async () => {
    await using opened = await open()
    const { page } = opened
    await page.evaluate(() => scene.load(1, 10_000))
    await article(page, 'Message 10000').waitFor()
    await frames(page, 20)
    const nodes = () => page.evaluate(() => document.querySelectorAll('*').length)
    const stream = (count: number) =>
      page.evaluate(async (count) => {
        for (let i = 0; i < count; i++) {
          scene.add()
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }, count)

    const tasks = await traceTasks(page)
    await stream(20)
    const before = await nodes()
    await stream(60)
    assert.equal(await fromEnd(page), 0)
    assert.ok(Math.abs((await nodes()) - before) < before / 10, 'what is above goes out of the document')

    let most = 0
    const scrolling = page.evaluate(async () => {
      const log = document.querySelector('[role=log]') as HTMLElement
      for (let i = 0; i < 120; i++) {
        log.scrollTop -= i % 20 === 0 ? 20_000 : 300
        await new Promise(requestAnimationFrame)
      }
    })
    const streaming = stream(40)
    for (let i = 0; i < 10; i++) {
      most = Math.max(most, await articles(page).count())
      await frames(page, 4)
    }
    await Promise.all([scrolling, streaming])
    assert.ok(most > 20 && most <= 300, `${most} articles`)
    await page.evaluate(() => document.querySelector('[role=log]')?.scrollTo(0, 1e9))
    await article(page, `Message ${await page.evaluate(() => scene.newest)}`).waitFor()
    assert.equal(await articles(page).filter({ hasNotText: 'Message' }).count(), 0)
    const longest = Math.max(...(await tasks()))
    assert.ok(longest > 0 && longest <= 50, `a task of ${longest} ms`)
    assert.deepEqual(opened.errors, [])
  },
)

test('a change of one message touches one article', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => scene.load(1, 200))
  await article(page, 'Message 200').waitFor()
  await frames(page, 20)
  const touched = await page.evaluate(async () => {
    const touched = new Set<string | undefined>()
    const seen = new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement
        touched.add(element?.closest('article')?.dataset.id)
      }
    })
    const log = document.querySelector('[role=log]') as HTMLElement
    seen.observe(log.querySelector('.rows') as HTMLElement, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
    scene.put(scene.messageOf(195, { content: 'another text', edited_at: new Date().toISOString() }))
    await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    return [...touched]
  })
  assert.deepEqual(touched, ['m195'])
})

test('history comes in front without a jump, by scrolling and by the button', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => scene.load(400, 449))
  await article(page, 'Message 449').waitFor()
  await log(page).evaluate((log) => log.scrollTo(0, 200))
  await frames(page)
  const first = await page.evaluate(() => {
    const edge = document.querySelector('[role=log]')?.getBoundingClientRect().top ?? 0
    const all = [...document.querySelectorAll('article')]
    return Number(all.find((each) => each.getBoundingClientRect().top > edge + 30)?.dataset.id?.slice(1))
  })
  const watched = await watchPlace(page, first)
  await eventually('older ones are loaded', () => page.evaluate(() => (scene.seqs()[0] ?? 0) < 400))
  await frames(page, 20)
  assert.ok((await watched.stop()) <= 1)

  await log(page).evaluate((log) => log.scrollTo(0, 0))
  const before = await page.evaluate(() => scene.seqs()[0] ?? 0)
  await page.getByRole('button', { name: 'Load older messages' }).click()
  await eventually('older ones are loaded', () =>
    page.evaluate((seq) => (scene.seqs()[0] ?? 0) < seq, before),
  )
  assert.deepEqual(opened.errors, [])
})

test('history comes in front without a jump at the very top, too', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => scene.load(400, 449))
  await article(page, 'Message 449').waitFor()
  await log(page).evaluate((log) => log.scrollTo(0, 0))
  await frames(page)
  const watched = await watchPlace(page, 402)
  await eventually('older ones are loaded', () => page.evaluate(() => (scene.seqs()[0] ?? 0) < 400))
  await frames(page, 20)
  assert.ok((await watched.stop()) <= 1)
  assert.deepEqual(opened.errors, [])
})

test(
  'nothing jumps where one reads: messages that come, edits above, pictures, another width',
  options,
  async () => {
    await using opened = await open()
    const { page } = opened
    await page.evaluate(() => {
      for (const seq of [150, 155, 170])
        scene.put(scene.messageOf(seq, { attachments: [scene.file({ id: `f${seq}` })] }))
      scene.load(1, 300)
    })
    await article(page, 'Message 300').waitFor()
    await page.evaluate(() => scene.target.set({ seq: 165 }))
    await frames(page, 30)
    const watched = await watchPlace(page, 165)
    await page.evaluate(async () => {
      const turn = () => new Promise(requestAnimationFrame)
      for (let i = 0; i < 5; i++) {
        scene.add()
        await turn()
        scene.put(scene.messageOf(100 + i, { content: 'a\n'.repeat(20) }))
        await turn()
        scene.put(scene.messageOf(161 - i, { reactions: [{ emoji: '👍', count: 1, user_ids: [] }] }))
        await turn()
      }
    })
    assert.ok((await watched.stop()) <= 1)
    await page.setViewportSize({ width: 700, height: 900 })
    await frames(page, 4)
    const [top, bottom] = await article(page, /^.*Message 165/).evaluate((each) => {
      const { top, bottom } = each.getBoundingClientRect()
      return [top, bottom] as const
    })
    assert.ok(top > 0 && bottom < 900)
  },
)

test(
  'who is at the end stays there, who is not gets a button with the count of what came',
  options,
  async () => {
    await using opened = await open()
    const { page } = opened
    await page.evaluate(() => scene.load(1, 300))
    await article(page, 'Message 300').waitFor()
    await page.evaluate(() => scene.add({ content: 'high\n'.repeat(10) }))
    await article(page, 'high').waitFor()
    await page.setViewportSize({ width: 600, height: 500 })
    await frames(page, 4)
    assert.equal(await fromEnd(page), 0)
    const jump = page.getByRole('button', { name: /^Jump to newest/ })
    assert.equal(await jump.isVisible(), false)
    assert.equal(await log(page).getAttribute('aria-live'), 'polite')

    await log(page).evaluate((log) => log.scrollTo(0, log.scrollTop - 2_000))
    await page.getByRole('button', { name: 'Jump to newest', exact: true }).waitFor()
    await page.evaluate(() => {
      const [me, alice] = scene.people
      scene.add({ sender: alice, sender_id: alice.id })
      scene.add({ sender: alice, sender_id: alice.id })
      scene.add({ sender: me, sender_id: me.id })
    })
    await page.getByRole('button', { name: 'Jump to newest, 2 new' }).click()
    await frames(page, 4)
    assert.equal(await fromEnd(page), 0)
    assert.equal(await jump.isVisible(), false)

    // The page of messages that is loaded may end long before the newest.
    await page.evaluate(() => scene.load(50, 99))
    await jump.click()
    await article(page, 'Message 304').waitFor()
    await frames(page, 4)
    assert.equal(await fromEnd(page), 0)
    assert.ok((await calls(page)).includes('jumpToNewest'))
  },
)

test('a page that is not the newest goes on below without running away', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => {
    scene.load(1, 500)
    scene.load(100, 149)
  })
  await articles(page).first().waitFor()
  await log(page).evaluate((log) => log.scrollTo(0, log.scrollHeight))
  await eventually('newer ones are loaded', () => page.evaluate(() => (scene.seqs().at(-1) ?? 0) > 149))
  await frames(page, 20)
  assert.ok(await page.evaluate(() => (scene.seqs().at(-1) ?? 0) < 260))
})

test('an answer shows what it answers, and leads there', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => {
    scene.put(scene.messageOf(290, { content: 'the answer', reply_to: 'm20' }))
    scene.put(scene.messageOf(291, { content: 'another answer', reply_to: 'm280' }))
    scene.load(200, 300)
  })
  // This one is not loaded: it is asked for.
  await article(page, 'the answer')
    .getByRole('button', { name: /Message 20/ })
    .waitFor()
  await article(page, 'another answer')
    .getByRole('button', { name: /Message 280/ })
    .click()
  await page.evaluate(() => scene.put(scene.messageOf(280, { content: 'said otherwise' })))
  await article(page, 'another answer')
    .getByRole('button', { name: /said otherwise/ })
    .waitFor()
  await article(page, 'the answer')
    .getByRole('button', { name: /Message 20/ })
    .click()
  await page.locator('[data-id=m20].found').waitFor()
  assert.ok(await page.locator('[data-id=m20]').evaluate((each) => each.getBoundingClientRect().top > 0))
  assert.ok((await calls(page)).includes('jumpTo m20'))
})

test('the toolbar offers what may be done, on hover and on focus', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => {
    scene.put(scene.messageOf(9, { content: 'of bob', my_reactions: [] }))
    scene.put(scene.messageOf(10, { content: 'my own' }))
    scene.load(1, 10)
  })
  const names = () =>
    page
      .getByRole('toolbar')
      .getByRole('button')
      .evaluateAll((all) => all.map((each) => each.ariaLabel))
  await article(page, 'my own').hover()
  assert.deepEqual(await names(), ['React', 'Reply', 'Edit', 'Delete', 'Pin', 'Copy link'])
  await page.evaluate(() =>
    scene.rights.set({ mayWrite: true, whyNot: null, isAdmin: false, isOwner: false }),
  )
  await article(page, 'Message 5').focus()
  assert.deepEqual(await names(), ['React', 'Reply', 'Copy link'])

  await page.evaluate(() => scene.rights.set({ mayWrite: true, whyNot: null, isAdmin: true, isOwner: false }))
  await article(page, 'my own').hover()
  await page.getByRole('button', { name: 'React' }).click()
  const dialog = page.getByRole('dialog', { name: 'Emoji' })
  await dialog.getByRole('button', { name: '👍', exact: true }).first().click()
  const reaction = article(page, 'my own').getByRole('button', { name: '👍 1' })
  await reaction.click()
  await reaction.waitFor({ state: 'detached' })
  await article(page, 'my own').hover()
  await page.getByRole('button', { name: 'Pin', exact: true }).click()
  await article(page, 'my own').getByText('Pinned').waitFor()
  await page.getByRole('button', { name: 'Unpin' }).click()
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.getByRole('button', { name: 'Link copied' }).waitFor()
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /#group=g&message=m10$/)
  await page.getByRole('button', { name: 'Reply' }).click()
  assert.ok((await calls(page)).includes('answer m10'))
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await article(page, 'message deleted').waitFor()
  assert.deepEqual(opened.errors, [])
  assert.deepEqual(await page.evaluate(() => scene.reports), [])
})

test('a message is edited in its place, and stays there while others come', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => {
    const [me] = scene.people
    scene.put(scene.messageOf(300, { content: 'my own', sender: me, sender_id: me.id }))
    scene.load(1, 300)
  })
  await article(page, 'my own').hover()
  await page.getByRole('button', { name: 'Edit' }).click()
  const field = page.getByRole('textbox', { name: 'Edit message' })
  await field.fill('something')
  await page.keyboard.press('Escape')
  await article(page, 'my own').waitFor()
  await page.evaluate(() => scene.editing.set('m300'))
  await field.fill('said better')
  const watched = await watchPlace(page, 300)
  await page.evaluate(async () => {
    for (let i = 0; i < 30; i++) {
      scene.add()
      await new Promise(requestAnimationFrame)
    }
  })
  assert.ok((await watched.stop()) <= 1)
  assert.equal(await field.inputValue(), 'said better')
  // Neither goes what is written when it is far away.
  await log(page).evaluate((log) => log.scrollTo(0, 0))
  await frames(page, 10)
  assert.equal(await field.count(), 0)
  await log(page).evaluate((log) => log.scrollTo(0, log.scrollHeight))
  await frames(page, 10)
  assert.equal(await field.inputValue(), 'said better')
  await field.press('Enter')
  await article(page, /said better\s*\(edited\)/).waitFor()
})

test(
  'the keys move between messages, into their tools and back; the focus outlives what changes',
  options,
  async () => {
    await using opened = await open()
    const { page } = opened
    await page.evaluate(() => {
      scene.put(scene.messageOf(298, { content: 'see https://a.example/x and `code`' }))
      scene.load(1, 300)
    })
    await article(page, 'Message 300').waitFor()
    const focused = () => page.evaluate(() => document.activeElement?.closest('article')?.dataset.id)
    const name = () =>
      page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent)
    await log(page).evaluate((log) => log.scrollTo(0, log.scrollHeight))
    await page.keyboard.press('Tab')
    assert.equal(await focused(), 'm300')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowUp')
    assert.equal(await focused(), 'm298')
    await page.keyboard.press('Enter')
    assert.equal(await name(), 'React')
    await page.keyboard.press('ArrowRight')
    assert.equal(await name(), 'Reply')
    await page.evaluate(() => {
      scene.add()
      scene.put(scene.messageOf(298, { content: 'see https://a.example/y', ver: 2 }))
    })
    await article(page, 'a.example/y').waitFor()
    assert.equal(await name(), 'Reply')
    await page.keyboard.press('Escape')
    assert.match((await name()) ?? '', /^.+, \d\d:\d\d/)
    for (const tool of ['React', 'Reply', 'Edit', 'Delete', 'Pin', 'Copy link', 'https://a.example/y']) {
      await page.keyboard.press('Tab')
      assert.equal(await name(), tool)
    }
    await page.keyboard.press('Tab')
    assert.equal(await focused(), undefined)
    // The other messages are no stops: back into the log leads to the same one, and up to its beginning.
    await page.keyboard.press('Shift+Tab')
    assert.equal(await name(), 'https://a.example/y')
    await page.keyboard.press('ArrowUp')
    assert.match((await name()) ?? '', /^.+, \d\d:\d\d/)
    for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowUp')
    assert.equal(await focused(), 'm258')
    const isSeen = await page.evaluate(() => {
      const { top, bottom } = document.activeElement?.getBoundingClientRect() ?? { top: -1, bottom: -1 }
      return top >= 0 && bottom <= innerHeight
    })
    assert.ok(isSeen)
  },
)

test('a message that is deleted while the keys are in its tools keeps the focus', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => scene.load(1, 300))
  await article(page, 'Message 300').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'React', exact: true }).waitFor()
  await page.evaluate(() => scene.put(scene.messageOf(300, { is_deleted: true, ver: 2 })))
  await article(page, 'message deleted').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.closest('article')?.dataset.id), 'm300')
  assert.deepEqual(opened.errors, [])
})

test('what was seen is told, and only that', options, async () => {
  await using opened = await open()
  const { page } = opened
  await page.evaluate(() => scene.load(1, 300, { unreadFrom: 200 }))
  await log(page).getByText('New', { exact: true }).waitFor()
  await eventually('it is told', async () => (await calls(page)).some((call) => call.startsWith('seen')))
  const seen = Math.max(...(await calls(page)).map((call) => Number(call.split(' ')[1])))
  assert.ok(seen > 200 && seen < 290, String(seen))
  await log(page).evaluate((log) => log.scrollTo(0, log.scrollHeight))
  await eventually('all of it is', async () => (await calls(page)).includes('seen 300'))
})

test(
  'pictures are shown by a signed link when they come near, in a place of their size',
  options,
  async () => {
    await using opened = await open()
    const { page } = opened
    await page.evaluate(() => {
      const pdf = { name: 'a.pdf', type: 'application/pdf', width: null, height: null, size: 4_200_000 }
      for (let seq = 1; seq < 300; seq += 2)
        scene.put(
          scene.messageOf(seq, {
            attachments: [
              scene.file({ id: `f${seq}`, name: `${seq}.png` }),
              scene.file({ ...pdf, id: `p${seq}` }),
            ],
          }),
        )
      scene.load(1, 300)
    })
    const picture = page.getByRole('img', { name: '299.png' })
    await picture.waitFor()
    await eventually('it is loaded', () =>
      picture.evaluate((each) => (each as HTMLImageElement).naturalWidth > 0),
    )
    assert.deepEqual(await picture.evaluate((each) => [each.clientWidth, each.clientHeight]), [380, 190])
    assert.ok((await page.evaluate(() => scene.links)) < 15, 'those that are far away are not asked for')
    await picture.click()
    const dialog = page.getByRole('dialog', { name: '299.png' })
    await dialog.getByRole('img', { name: '299.png' }).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    const download = page.waitForEvent('download')
    await article(page, 'Message 299').getByRole('link', { name: 'a.pdf 4.2 MB' }).click()
    assert.equal((await download).suggestedFilename(), 'a.pdf')
    assert.deepEqual(opened.errors, [])
  },
)

test('long words, long names and code make no phone scroll sideways', options, async () => {
  await using opened = await open(360)
  const { page } = opened
  await page.evaluate(() => {
    scene.put(scene.messageOf(2, { content: 'a'.repeat(12_000) }))
    scene.put(scene.messageOf(3, { content: `\`\`\`\n${'b'.repeat(500)}\n\`\`\`` }))
    scene.put(
      scene.messageOf(4, {
        attachments: [
          scene.file({ name: `${'c'.repeat(200)}.png` }),
          scene.file({ name: 'd'.repeat(200), type: 'text/plain' }),
        ],
      }),
    )
    scene.load(1, 4)
  })
  // All of it is there, for who searches the page or has it read; not all of it is seen.
  const long = article(page, 'a'.repeat(12_000))
  const height = () => long.evaluate((each) => each.clientHeight)
  await long.waitFor()
  assert.ok((await height()) < 450)
  await long.getByRole('button', { name: 'Show all' }).click()
  await long.getByRole('button', { name: 'Show less' }).waitFor()
  assert.ok((await height()) > 1_000)
  const widths = await log(page).evaluate((log) => [
    document.documentElement.scrollWidth,
    log.scrollWidth - log.clientWidth,
  ])
  assert.deepEqual(widths, [360, 0])
})

import assert from 'node:assert/strict'
import { chatTest } from './chat-stage.ts'

const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script><b>bold</b>'
const lines = [
  evil,
  '[click](javascript:window.pwned=3) javascript:window.pwned=4 data:text/html,<script>window.pwned=5</script>',
  'vbscript:x file:///etc/passwd JaVaScRiPt:alert(1) https://example.com/"onmouseover="window.pwned=6',
  '`<svg onload=window.pwned=7>` &lt;b&gt; &amp;',
  '\u202egnp.exe\u202c and \u2066hidden\u2069',
  `z${'\u0301\u0315\u0340'.repeat(200)}algo`,
  '\u200b\u2060\ufeff zero',
]

chatTest('whatever people write is text, and no link leads to where it should not', async (stage) => {
  const [ann, bob] = await stage.users(evil, 'Bob')
  const name = '"><img src=x onerror=window.pwned=8> group'
  const tea = await stage.group(name, ann, bob)
  const window = await stage.open(bob)
  await window.link(name).click()
  await window.main.getByRole('heading', { name, exact: true }).waitFor()
  for (const line of lines) await ann.api.send(tea.id, line)
  await ann.api.send(
    tea.id,
    'see https://example.com/a?b=c and http://example.com, mail to mailto:x@example.com',
  )
  await window.message('mail to').waitFor()
  const text = await window.log.evaluate((log) => log.textContent ?? '')
  for (const part of [
    evil,
    '[click](javascript:window.pwned=3)',
    'file:///etc/passwd',
    '<svg onload=window.pwned=7>',
    '&lt;b&gt; &amp;',
  ])
    assert.ok(text.includes(part), `${part} is shown as it is`)
  const links = await window.log.getByRole('link').evaluateAll((all) =>
    all.map((link) => {
      const { href, rel, target } = link as HTMLAnchorElement
      return { href, rel, target, origin: location.origin }
    }),
  )
  const outward = links.filter(({ href, origin }) => !href.startsWith(origin))
  assert.deepEqual(
    ['https://example.com/a?b=c', 'http://example.com/'].filter(
      (href) => !outward.some((link) => link.href === href),
    ),
    [],
  )
  for (const { href, rel, target } of outward) {
    assert.match(href, /^(https?|mailto):/)
    assert.match(rel, /noopener/)
    assert.match(rel, /noreferrer/)
    assert.doesNotMatch(href, /onmouseover="/)
    if (href.startsWith('http')) assert.equal(target, '_blank')
  }
  assert.equal(await window.page.evaluate(() => (globalThis as { pwned?: number }).pwned), undefined)
  assert.equal(await window.log.locator('script, svg[onload], b, iframe').count(), 0)
})

chatTest('code in backticks and fences is shown as code, its text as it is', async (stage) => {
  const ann = await stage.user('Ann')
  const tea = await stage.group('Tea', ann)
  const window = await stage.open(ann)
  await window.show('Tea')
  await ann.api.send(tea.id, 'use `npm start` here\n```\nif (a < b) {\n  run("*x*")\n}\n```\nafter')
  await window.message('after').waitFor()
  const code = await window.message('after').locator('code').allTextContents()
  assert.ok(code.includes('npm start'), code.join())
  assert.ok(
    code.some((block) => block.includes('if (a < b) {\n  run("*x*")\n}')),
    code.join(),
  )
})

chatTest(
  '10,000 characters, right-to-left, long words and emoji alone stay within 360 pixels',
  async (stage) => {
    const [ann, bob] = await stage.users('Ann', `${'Bartholomew-'.repeat(8)}end`)
    const tea = await stage.group('x'.repeat(100), ann, bob)
    const long = 'ab'.repeat(5_000)
    for (const text of [
      long,
      'שלום לכולם, מה נשמע?',
      'مرحبا https://example.com/x بالجميع',
      '🎉🎉🎉',
      'w'.repeat(400),
      `\`${'c'.repeat(300)}\``,
    ])
      await bob.api.send(tea.id, text)
    const window = await stage.open(ann, { width: 360, height: 740 })
    await window.link('x'.repeat(100)).click()
    await window.message('🎉🎉🎉').waitFor()
    const beyond = () =>
      window.page.evaluate(() =>
        [document.documentElement, document.querySelector('[role=log]')].map((element) =>
          element ? element.scrollWidth - element.clientWidth : 0,
        ),
      )
    assert.deepEqual(await beyond(), [0, 0])
    await window.scrollTo(0)
    assert.deepEqual(await beyond(), [0, 0])
    const unfold = window.log.getByRole('button', { name: 'Show all' })
    if (await unfold.isVisible()) await unfold.click()
    const all = await window.log.evaluate((log) => log.textContent ?? '')
    assert.ok(all.includes(long), 'nothing of it is cut')
    const rtl = await window
      .message('שלום')
      .evaluate((article) =>
        [...article.querySelectorAll('*')].some((element) => getComputedStyle(element).direction === 'rtl'),
      )
    assert.ok(rtl, 'Hebrew runs from right to left')
  },
)

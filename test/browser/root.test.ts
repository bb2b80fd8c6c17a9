import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { tokenFor } from '../support/process.ts'
import { startService } from '../support/service.ts'
import { openPage, withoutBrowser } from './browser.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

test("the README's snippet works in the console of the first page", { skip: withoutBrowser() }, async () => {
  await using service = await startService()
  const { id } = await (await service.api('alice')).createGroup('Tea', [])
  const [, snippet = ''] = /^```js\n(.*?)^```$/ms.exec(readme) ?? []
  assert.match(snippet, /new WebSocket/)
  await using opened = await openPage(`${service.url}/`)
  const heard: string[] = []
  const acknowledged = new Promise<void>((resolve) => {
    opened.page.on('console', (message) => {
      heard.push(message.text())
      if (message.text().includes('ack')) resolve()
    })
  })
  const here = snippet.replaceAll('127.0.0.1:8001', new URL(service.url).host)
  await opened.page.evaluate(`{ const group = '${id}', token = '${await tokenFor('alice')}'\n${here} }`)
  await Promise.race([acknowledged, opened.page.waitForTimeout(10_000)])
  assert.deepEqual(opened.errors, [])
  assert.ok(
    heard.some((text) => text.includes('ack')),
    heard.join('\n'),
  )
})

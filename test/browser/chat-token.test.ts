import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { openPage, withoutBrowser } from './browser.ts'
import { chatOn } from './chat-page.ts'

test('where users log in elsewhere, a token is all that is asked for', {
  skip: withoutBrowser(),
}, async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path, { ACCOUNTS: 'off' })
  try {
    const token = await tokenFor('carla')
    await using pasted = await openPage(`${service.url}/`)
    const { page } = pasted
    await page.getByRole('textbox', { name: 'Token' }).fill(token)
    assert.equal(await page.getByRole('textbox').count(), 1)
    assert.equal(await page.getByRole('button', { name: 'Register' }).count(), 0)
    await page.getByRole('button', { name: 'Log in' }).click()
    await chatOn(page).connectionIs('online')
    // The room general is not there: nobody has entered it yet.
    await page.getByRole('heading', { name: 'No group is open' }).waitFor()
    await using inAddress = await openPage(`${service.url}/#token=${token}`)
    await chatOn(inAddress.page).connectionIs('online')
    assert.equal(inAddress.page.url(), `${service.url}/`)
    for (const { errors, strangers } of [pasted, inAddress]) assert.deepEqual([errors, strangers], [[], []])
  } finally {
    await service.end('SIGTERM')
  }
})

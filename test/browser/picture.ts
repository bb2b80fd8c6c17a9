/**
 * Takes the picture of the chat page that the README opens with: two people talk, one of them in the window.
 *
 *     npm run build && node test/browser/picture.ts
 */
import { join } from 'node:path'
import { accountsAt, password } from '../support/accounts.ts'
import { baseOf, createApi } from '../support/api.ts'
import { root, spawnService, temporaryFolder } from '../support/process.ts'
import { launchChromium } from './chromium.ts'

using folder = temporaryFolder()
const service = await spawnService(folder.path, { DIALECTS: 'none' })
const accounts = accountsAt(service.url)

async function person(username: string, name: string) {
  const { access_token: token, user } = await accounts.register(username, { display_name: name })
  return { id: user.id, username, api: createApi(baseOf(service.url), { token }) }
}

const mia = await person('mia', 'Mia Brandt')
const tom = await person('tom', 'Tom Okafor')
const yuki = await person('yuki', 'Yuki Sato')
const everybody = [mia, tom, yuki].map(({ id }) => id)
const say = async ({ api }: typeof mia, groupId: string, content: string, more: object = {}) => {
  const { body } = await api.call('POST', `/groups/${groupId}/messages`, { body: { content, ...more } })
  return String(body.id)
}
await mia.api.createGroup('Garden', everybody)
const quiet = await tom.api.createGroup('On call', everybody)
const { id: talk } = await mia.api.createGroup('Release 2.0', everybody)
await say(tom, talk, 'Morning! The migration went through in 40 s, without a single refused send.')
await say(mia, talk, 'Great. Which build was that?')
await say(tom, talk, 'Of last night: `chat-api 2.0.0-rc.3`, see https://example.com/builds/512')
const question = await say(yuki, talk, 'Shall we ship it on Thursday? @mia', { mentions: [mia.id] })
await say(yuki, talk, '```\nKILLS=50 npm run test:long\n50 kills, nothing lost, nothing told twice\n```')
await say(mia, talk, 'Thursday it is. I write the notes.', { reply_to: question })
for (const { api } of [tom, mia])
  await api.call('PUT', `/messages/${question}/reactions/${encodeURIComponent('🎉')}`)
await say(tom, quiet.id, 'All quiet tonight.')

const browser = await launchChromium()
const page = await browser.newPage({ viewport: { width: 1_200, height: 700 } })
await page.goto(service.url)
await page.getByRole('textbox', { name: 'Username' }).fill('mia')
await page.getByRole('textbox', { name: 'Password' }).fill(password)
await page.getByRole('button', { name: 'Log in' }).click()
await page.getByRole('link', { name: /^Release/ }).click()
await page.getByRole('article').filter({ hasText: 'I write the notes.' }).first().waitFor()
await page.getByRole('button', { name: '🎉 2' }).waitFor()
await page.screenshot({ path: join(root, 'docs/chat-page.png') })
await browser.close()
await service.end('SIGTERM')

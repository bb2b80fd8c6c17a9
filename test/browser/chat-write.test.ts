import assert from 'node:assert/strict'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { gif } from '../support/images.ts'
import { temporaryFolder } from '../support/process.ts'
import { type ChatWindow, chatTest, type Stage, sentMessage } from './chat-stage.ts'

const files = {
  picture: { name: 'dot.gif', mimeType: 'image/gif', buffer: gif },
  text: { name: 'notes of tuesday.txt', mimeType: 'text/plain', buffer: Buffer.from('tea, milk') },
}

async function teaFor(stage: Stage, ...names: string[]) {
  const users = await stage.users('Ann', 'Bob', ...names)
  const [ann, bob] = users as [(typeof users)[0], (typeof users)[0]]
  const tea = await stage.group('Tea', ...users)
  const window = await stage.open(ann)
  await window.show('Tea')
  return { ann, bob, tea, window }
}

const isLoaded = (window: ChatWindow, text: string) =>
  eventually('the picture is in place', () =>
    window
      .message(text)
      .getByRole('img')
      .evaluateAll((all) => all.some((image) => image instanceof HTMLImageElement && image.naturalWidth > 0)),
  )

/** The files as a browser hands them over with a drop or a paste. */
const transfer = (window: ChatWindow, { name, mimeType, buffer }: (typeof files)['picture']) =>
  window.page.evaluateHandle(
    ([title, type, bytes]) => {
      const data = new DataTransfer()
      const content = Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0))
      data.items.add(new File([content], title, { type }))
      return data
    },
    [name, mimeType, buffer.toString('base64')] as const,
  )

chatTest('@ opens a list of members, from which keys and clicks choose', async (stage) => {
  const { ann, bob, tea, window } = await teaFor(stage, 'Cem', 'Barbara')
  const { input, page } = window
  const list = page.getByRole('listbox')
  const option = (name: string) => list.getByRole('option', { name })
  await input.pressSequentially('hello @')
  for (const name of ['Bob', 'Cem', 'Barbara']) await option(name).waitFor()
  await input.pressSequentially('b')
  await option('Cem').waitFor({ state: 'detached' })
  await input.press('Escape')
  await list.waitFor({ state: 'detached' })
  assert.equal(await input.inputValue(), 'hello @b')
  await input.pressSequentially(' @bo')
  await option('Bob').waitFor()
  await input.press('Enter')
  await list.waitFor({ state: 'detached' })
  assert.match(await input.inputValue(), new RegExp(`^hello @b @${bob.username} ?$`))
  await input.pressSequentially(' @ce')
  await option('Cem').click()
  assert.equal(await input.evaluate((element) => element === document.activeElement), true)
  await input.pressSequentially('!')
  await input.press('Enter')
  await window.message('hello').waitFor()
  const sent = await sentMessage(ann, tea.id, 'hello')
  assert.equal(sent.mentions.length, 2)
  assert.ok(sent.mentions.includes(bob.id))
})

chatTest('who is mentioned sees it in the list of groups', async (stage) => {
  const { bob, window } = await teaFor(stage)
  const other = await stage.open(bob)
  await other.link('Tea').waitFor()
  await window.input.fill(`@${bob.username} come quickly`)
  await window.input.press('Enter')
  await other.link('Tea, 1 unread').filter({ hasText: '@' }).waitFor()
})

chatTest('an emoji is put into the text', async (stage) => {
  const { window } = await teaFor(stage)
  await window.input.fill('well done ')
  await window.page.getByRole('button', { name: 'Emoji', exact: true }).click()
  await window.choose('🎉')
  await window.page.getByRole('dialog', { name: 'Emoji' }).waitFor({ state: 'detached' })
  assert.match(await window.input.inputValue(), /well done 🎉/)
  await window.input.press('Enter')
  await window.message('well done 🎉').waitFor()
})

chatTest(
  'files are attached by the button, with and without text, and pictures stand in place',
  async (stage) => {
    const { ann, bob, tea, window } = await teaFor(stage)
    const other = await stage.open(bob)
    await other.show('Tea')
    const choosing = window.page.waitForEvent('filechooser')
    await window.page.getByRole('button', { name: 'Attach file' }).click()
    await (await choosing).setFiles([files.picture, files.text])
    await window.main.getByText(files.text.name).first().waitFor()
    await window.input.fill('two files')
    await eventually('the upload is done, and the message goes', async () => {
      if ((await window.input.inputValue()) !== '') await window.input.press('Enter')
      return (await window.message('two files').count()) === 1
    })
    await isLoaded(other, 'two files')
    const download = other.page.waitForEvent('download')
    await other.message('two files').getByRole('link', { name: files.text.name }).click()
    assert.equal((await download).suggestedFilename(), files.text.name)
    const [sent] = await ann.api.history(tea.id)
    assert.deepEqual(
      sent?.attachments.map(({ name }) => name),
      [files.picture.name, files.text.name],
    )
  },
)

chatTest('a file that is dropped on the conversation is attached', async (stage) => {
  const { window } = await teaFor(stage)
  const dataTransfer = await transfer(window, files.picture)
  for (const type of ['dragenter', 'dragover', 'drop']) await window.log.dispatchEvent(type, { dataTransfer })
  await window.main.getByText(files.picture.name).first().waitFor()
  await window.input.fill('dropped')
  await eventually('it goes', async () => {
    if ((await window.input.inputValue()) !== '') await window.input.press('Enter')
    return (await window.message('dropped').count()) === 1
  })
  await isLoaded(window, 'dropped')
})

chatTest('a picture that is pasted is attached, and may be taken back', async (stage) => {
  const { ann, tea, window } = await teaFor(stage)
  const paste = async () =>
    window.input.evaluate(
      (element, clipboardData) =>
        element.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
        ),
      await transfer(window, files.picture),
    )
  await paste()
  const waiting = window.main.getByText(files.picture.name)
  await waiting.first().waitFor()
  await window.main
    .getByRole('button', { name: /remove/i })
    .first()
    .click()
  await waiting.first().waitFor({ state: 'detached' })
  await paste()
  await window.main
    .getByRole('button', { name: /remove/i })
    .first()
    .waitFor()
  await eventually('it goes without a word', async () => {
    await window.input.press('Enter')
    return (await ann.api.history(tea.id)).length === 1
  })
  await window.articles.getByRole('img').first().waitFor()
  const [sent] = await ann.api.history(tea.id)
  assert.equal(sent?.content, '')
  assert.equal(sent?.attachments.length, 1)
})

chatTest('a file that is too large is told so, and what was written stays', async (stage) => {
  const ann = await stage.user('Ann')
  await stage.group('Tea', ann)
  const window = await stage.open(ann, { mayFail: true })
  await window.show('Tea')
  await window.input.fill('see this')
  const choosing = window.page.waitForEvent('filechooser')
  await window.page.getByRole('button', { name: 'Attach file' }).click()
  using folder = temporaryFolder()
  const film = join(folder.path, 'film.bin')
  writeFileSync(film, '')
  truncateSync(film, 26 * 1024 * 1024)
  await (await choosing).setFiles(film)
  await window.page
    .getByText(/too large|at most|bigger|larger|25 MiB/i)
    .first()
    .waitFor()
  assert.equal(await window.input.inputValue(), 'see this')
})

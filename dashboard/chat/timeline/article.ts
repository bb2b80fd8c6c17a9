import type { Message, Person } from '../../../src/client/types.ts'
import { createAvatar } from '../../parts/avatar.ts'
import { element, setText } from '../../parts/elements.ts'
import { icon } from '../../parts/icon.ts'
import { timeOfDay, wholeTime } from './days.ts'
import { createEditor } from './editor.ts'
import { filesOf } from './files.ts'
import { firstLine } from './format.ts'
import { createReactions } from './reactions.ts'
import type { Row } from './rows.ts'
import type { Scene } from './scene.ts'
import { textOf } from './text.ts'
import type { View } from './window.ts'

/** Runs only when its words say something else than the last time: so what is not changed is not drawn again. */
function createOnce(): (part: string, state: unknown, draw: () => void) => void {
  const drawn = new Map<string, string>()
  return (part, state, draw) => {
    const words = JSON.stringify(state)
    if (drawn.get(part) === words) return
    drawn.set(part, words)
    draw()
  }
}

/** A message, or one that waits, as an article. */
export function createArticle(row: Row, scene: Scene): View {
  const { conversation } = scene
  const once = createOnce()
  const who = element('header')
  const above = element('div', { class: 'above' })
  const body = element('div', { class: 'body' })
  const files = element('div', { class: 'files' })
  const below = element('div', { class: 'foot' })
  const reactions = createReactions(scene, () => row.message)
  const article = element('article', { tabindex: -1 }, who, above, body, files, reactions.element, below)
  let isUnfolded = false

  const content = (): string => row.message?.content ?? row.pending?.content ?? ''

  function drawText(): void {
    const fold = {
      isWhole: isUnfolded,
      onFold(isWhole: boolean) {
        isUnfolded = isWhole
        scene.touch(row)
      },
    }
    body.replaceChildren(...textOf(content(), scene.findMention, fold))
    if (row.message?.edited_at)
      body.append(
        element(
          'span',
          { class: 'edited', title: `edited on ${wholeTime(Date.parse(row.message.edited_at))}` },
          '(edited)',
        ),
      )
  }

  function drawEditor(message: Message): void {
    const before = document.activeElement
    const editor = createEditor(message.content, {
      async save(text) {
        if (await conversation.saveEdit(message.id, text)) end()
      },
      cancel: () => end(),
    })
    const end = (): void => {
      conversation.edit(null)
      // The focus goes on where editing was begun: in the field for new messages, or here.
      if (before instanceof HTMLElement && before.isConnected && before !== document.body)
        before.focus({ preventScroll: true })
      else article.focus({ preventScroll: true })
    }
    body.replaceChildren(editor.element)
    queueMicrotask(editor.focus)
  }

  function update(): void {
    const { message, pending } = row
    const sender = message?.sender ?? senderOfPending(scene)
    const at = message ? Date.parse(message.created_at) : (pending?.queuedAt ?? row.at)
    const time = timeOfDay(at)
    const name = sender.display_name || sender.username
    const isDeleted = message?.is_deleted ?? false
    const isOwn = sender.id === scene.ownId()
    const isCalled = message !== null && !isDeleted && !isOwn && calls(message, scene.ownId())
    const isEdited = message !== null && !isDeleted && conversation.editing.value === message.id

    const kinds = {
      starts: row.startsGroup,
      own: isOwn,
      called: isCalled,
      editing: isEdited,
      waits: pending !== null,
      failed: pending?.state === 'failed',
      found: scene.isFound(row),
    }
    article.classList.add('message')
    for (const [kind, isSo] of Object.entries(kinds)) article.classList.toggle(kind, isSo)
    if (message) article.dataset.id = message.id
    once('name', [name, time], () => article.setAttribute('aria-label', `${name}, ${time}`))

    once('who', [row.startsGroup, sender.id, name, sender.avatar_url, at], () => {
      // Writing a date takes long, and it is seldom looked at.
      const tellDate = (): void => {
        when.title = wholeTime(at)
      }
      const when: HTMLElement = element(
        'time',
        { datetime: new Date(at).toISOString(), onpointerenter: tellDate },
        time,
      )
      const avatar = createAvatar({ id: sender.id, name, url: sender.avatar_url })
      who.replaceChildren(
        ...(row.startsGroup
          ? [avatar, element('span', { class: 'sender', dir: 'auto' }, name), when]
          : [when]),
      )
    })

    const answered = message?.reply_to ?? pending?.options.replyTo ?? null
    const quoted = answered === null || isDeleted ? undefined : scene.quotes.get(answered)
    const quotation = quoted && [quoted.sender.display_name, quoted.is_deleted ? null : quoted.content]
    const isPinned = !isDeleted && Boolean(message?.pinned_at)
    once('above', [isDeleted ? null : answered, quoted === null, quotation, isPinned], () => {
      const lines: HTMLElement[] = []
      if (answered !== null && !isDeleted) lines.push(quoteOf(answered, quoted, scene))
      if (isPinned) lines.push(element('p', { class: 'pinned' }, icon('pin'), 'Pinned'))
      above.replaceChildren(...lines)
    })

    const mentions = content().includes('@')
      ? [...content().matchAll(/@([\w.-]+)/g)].map(([, name = '']) => scene.findMention(name))
      : []
    once(
      'body',
      [isEdited, isDeleted, isDeleted || isEdited || [content(), message?.edited_at, isUnfolded, mentions]],
      () => {
        if (isDeleted) body.replaceChildren(element('p', { class: 'gone' }, 'message deleted'))
        else if (isEdited && message) drawEditor(message)
        else drawText()
      },
    )

    const attached = isDeleted ? [] : (message?.attachments ?? [])
    once(
      'files',
      attached.map(({ id }) => id),
      () => files.replaceChildren(...filesOf(attached, scene)),
    )
    reactions.update()
    drawBelow(message)
  }

  function drawBelow(message: Message | null): void {
    const { pending } = row
    const seenBy = scene.seenBy(row)
    const state = pending && [pending.state === 'failed', pending.error?.detail]
    const waitingFiles = pending?.options.attachments?.length ?? 0
    once('below', [state, waitingFiles, message === null ? '' : seenBy], () => {
      const lines: Node[] = []
      if (pending && waitingFiles > 0)
        lines.push(element('span', {}, waitingFiles === 1 ? '1 file' : `${waitingFiles} files`))
      if (pending && pending.state !== 'failed') lines.push(element('span', { class: 'sending' }, 'sending'))
      if (pending?.state === 'failed') {
        const { clientId, error } = pending
        lines.push(
          element('span', { class: 'not-sent' }, 'not sent'),
          element('span', { class: 'why' }, error?.detail ?? ''),
          element('button', { type: 'button', onclick: () => conversation.retry(clientId) }, 'Try again'),
          element('button', { type: 'button', onclick: () => conversation.discard(clientId) }, 'Discard'),
        )
      }
      if (!pending && seenBy) lines.push(element('span', { class: 'seen-by' }, seenBy))
      below.replaceChildren(...lines)
    })
  }

  return { element: article, update }
}

const calls = ({ mentions, mention_all }: Message, ownId: string): boolean =>
  mention_all || mentions.includes(ownId)

const senderOfPending = ({ model, ownId }: Scene): Person =>
  model.me.value ?? { id: ownId(), username: '', display_name: 'You', avatar_url: null }

/** What the message answers: a click goes there. */
function quoteOf(
  id: string,
  quoted: Message | null | undefined,
  { conversation, model }: Scene,
): HTMLElement {
  const line = element('button', { type: 'button', class: 'quote', dir: 'auto' }, icon('reply'))
  if (!quoted || quoted.is_deleted) {
    line.append(element('span', { class: 'gone' }, quoted === undefined ? '…' : 'message deleted'))
    line.disabled = true
    return line
  }
  const text = firstLine(quoted.content) || (quoted.attachments[0]?.name ?? '')
  line.append(
    element('span', { class: 'sender' }, quoted.sender.display_name),
    ' ',
    element('span', {}, text),
  )
  line.addEventListener('click', () => {
    conversation.jumpTo(id).catch(model.report)
  })
  return line
}

/** A day, a notice, or where what is new begins. */
export function createLine(row: Row): View {
  const text = element('span')
  const line = element('p', { class: `line ${row.kind}` }, text)
  return { element: line, update: () => setText(text, row.text) }
}

import { element, setText } from '../../parts/elements.ts'
import { icon, iconButton } from '../../parts/icon.ts'
import { chooseEmoji } from '../emoji/chooser.ts'
import type { ChatModel, Conversation } from '../model/types.ts'
import { createLookUp } from '../people/look-up.ts'
import { contentOf, roomLeft, roomText } from './content.ts'
import { createEditLast } from './edit-last.ts'
import { createField, setFieldText, writeInto } from './field.ts'
import { insertionOf } from './insertion.ts'
import { suggestMentions } from './mention.ts'
import { createReplyBanner } from './reply-banner.ts'
import { createSuggestions } from './suggestions.ts'
import { typingText } from './typing.ts'
import { createUploads } from './uploads.ts'

/** In a larger group, only admins mention all. */
const mentionAllMembers = 50

interface ComposerDeps {
  readonly model: ChatModel
  readonly conversation: Conversation
}

/** Where messages are written: the field, what goes along with the next message, and who else types. */
export function createComposer(deps: ComposerDeps, signal: AbortSignal): HTMLElement {
  const { model, conversation } = deps
  const { drafts } = model
  const field = createField(signal)
  const room = element('p', { class: 'room dim' })
  const hint = element('p', { role: 'status', class: 'hint' })
  const whyNot = element('p', { class: 'why-not dim' })
  const send = element(
    'button',
    { type: 'submit', class: 'primary', 'aria-label': 'Send', title: 'Send' },
    icon('send'),
  )
  const files = element('input', { type: 'file', multiple: true, hidden: true, tabindex: -1 })
  const attach = iconButton('Attach file', 'clip', () => files.click())
  const emoji = iconButton('Emoji', 'smile', async () => {
    const chosen = await chooseEmoji(emoji)
    if (chosen) writeInto(field, chosen)
  })
  const lookUp = createLookUp(conversation, signal)
  const suggestions = createSuggestions(
    {
      field,
      suggest(query) {
        lookUp(query)
        return suggestMentions(query, conversation.people.value.members, whoWrites(deps))
      },
      take: ({ username }, { start }) => writeInto(field, `@${username} `, start),
    },
    signal,
  )
  conversation.people.listen(suggestions.refresh, signal)

  const editLast = createEditLast(
    {
      conversation,
      ownId: () => model.me.value?.id,
      isElsewhere: () => field.value !== '' || conversation.editing.value !== null,
    },
    signal,
  )

  /** The user has sent, and the files are still on their way. */
  let isSent = false

  const isUploading = (): boolean => conversation.uploads.value.some(({ state }) => state === 'sending')
  const hasFailed = (): boolean => conversation.uploads.value.some(({ state }) => state === 'failed')
  const isTooLong = (): boolean => (roomLeft(field.value) ?? 0) < 0
  const isSendable = (): boolean =>
    (contentOf(field.value) !== '' || conversation.uploads.value.some(({ state }) => state !== 'failed')) &&
    !isTooLong()

  const show = (): void => {
    send.disabled = !isSendable()
    const left = roomLeft(field.value)
    setText(room, left === null ? '' : roomText(left))
    room.classList.toggle('bad', isTooLong())
    setText(hint, hintOf())
  }
  const hintOf = (): string => {
    if (isTooLong()) return 'It is too long to be sent'
    if (isSent) return 'It goes as soon as the files are there'
    return hasFailed() ? 'Remove what did not get through before you send' : ''
  }
  const submit = (): void => {
    if (!isSendable() || hasFailed()) return
    isSent = isUploading()
    if (isSent) return show()
    conversation.send(contentOf(field.value))
    setFieldText(field, '')
  }

  field.addEventListener(
    'input',
    () => {
      isSent = false
      drafts.set(conversation.id, field.value)
      conversation.typed(field.value !== '')
      show()
    },
    { signal },
  )
  field.addEventListener(
    'keydown',
    (event) => {
      // Keys that an input method uses are its own; Safari tells its last one by this code alone.
      if (event.isComposing || event.keyCode === 229) return
      if (suggestions.press(event)) event.preventDefault()
      else if (event.key === 'Enter' && !event.shiftKey) {
        event.preventDefault()
        submit()
      } else if (event.key === 'Escape') conversation.answer(null)
      else if (event.key === 'ArrowUp' && field.value === '') {
        if (editLast()) event.preventDefault()
      }
    },
    { signal },
  )
  files.addEventListener('change', () => {
    conversation.upload([...(files.files ?? [])])
    files.value = ''
    field.focus()
  })

  const form = element(
    'form',
    {
      class: 'writing',
      onsubmit: (event: Event) => {
        event.preventDefault()
        submit()
        field.focus()
      },
    },
    suggestions.element,
    createReplyBanner(conversation, signal),
    createUploads(conversation, signal),
    element('div', { class: 'writing-row' }, attach, files, field, emoji, send),
  )

  field.value = drafts.get(conversation.id)
  conversation.uploads.listen(() => {
    show()
    if (isSent && !isUploading()) {
      isSent = false
      submit()
      show()
    }
  }, signal)
  conversation.replyTo.listen((message) => message && field.focus(), signal)
  conversation.rights.listen(({ mayWrite, whyNot: reason }) => {
    form.hidden = !mayWrite
    whyNot.hidden = mayWrite
    setText(whyNot, reason ?? '')
  }, signal)
  insertionOf(conversation).listen((insertion) => insertion && writeInto(field, insertion.text), signal)

  return element(
    'div',
    { class: 'composer' },
    createTyping(conversation, signal),
    form,
    element('div', { class: 'below' }, hint, room),
    whyNot,
  )
}

function createTyping(conversation: Conversation, signal: AbortSignal): HTMLElement {
  const status = element('div', { role: 'status', 'aria-label': 'Typing', class: 'typing' })
  conversation.typing.listen((people) => setText(status, typingText(people)), signal)
  return status
}

function whoWrites({ model, conversation }: ComposerDeps) {
  const { kind, member_count: count } = conversation.group.value
  return {
    meId: model.me.value?.id ?? '',
    wroteLast: conversation.timeline.value.messages
      .slice(-50)
      .map(({ sender_id: id }) => id)
      .toReversed(),
    mayMentionAll: kind === 'group' && (count <= mentionAllMembers || conversation.rights.value.isAdmin),
  }
}

import type { Message } from '../../../src/client/types.ts'
import { copyText } from '../../parts/clipboard.ts'
import { confirm } from '../../parts/dialog.ts'
import { element } from '../../parts/elements.ts'
import { type IconName, icon } from '../../parts/icon.ts'
import { chooseEmoji } from '../emoji/chooser.ts'
import type { Row } from './rows.ts'
import type { Scene } from './scene.ts'

/** What can be done with a message. There is one for all of them, in the article which the pointer or the focus is on. */
export interface Toolbar {
  readonly element: HTMLElement
  readonly row: Row | null
  /** Something that was begun from it is under way (a dialog is open): it stays where it is. */
  readonly isBusy: boolean
  show(row: Row, article: HTMLElement): void
  hide(): void
  /** Offers what can be done now. */
  update(): void
  /** Its first button, for who comes by the keyboard. */
  focus(): void
}

const icons = {
  React: 'react',
  Reply: 'reply',
  Edit: 'write',
  Delete: 'bin',
  Pin: 'pin',
  'Copy link': 'link',
} as const satisfies Record<string, IconName>
type Name = keyof typeof icons
const copiedMs = 2_000

export function createToolbar(scene: Scene): Toolbar {
  const { conversation } = scene
  let row: Row | null = null
  let busy = 0
  const buttons = new Map<Name, HTMLButtonElement>()
  const bar = element('div', { role: 'toolbar', 'aria-label': 'Message actions', class: 'tools' })

  const act: Record<Name, (message: Message, button: HTMLButtonElement) => unknown> = {
    React: async (message, button) => {
      const emoji = await chooseEmoji(button)
      if (emoji !== null) await conversation.toggleReaction(newest(message), emoji)
    },
    Reply: (message) => conversation.answer(message),
    Edit: ({ id }) => conversation.edit(id),
    Delete: async ({ id }) => {
      const isWanted = await confirm('Delete message', 'It is deleted for everybody.', 'Delete')
      if (isWanted) await conversation.delete(id)
    },
    Pin: (message) => conversation.togglePin(message),
    'Copy link': async ({ id }, button) => {
      const hash = new URLSearchParams({ group: conversation.id, message: id })
      const isDone = await copyText(`${location.origin}${location.pathname}#${hash}`)
      if (!isDone) throw new Error('The browser did not let the link be copied.')
      dress(button, 'check', 'Link copied')
      setTimeout(() => dress(button, 'link', 'Copy link'), copiedMs)
    },
  }

  /** The message may have changed while a dialog was open. */
  const newest = (message: Message): Message =>
    conversation.timeline.value.messages.findLast(({ id }) => id === message.id) ?? message

  function dress(button: HTMLButtonElement, drawing: IconName, name: string): void {
    if (button.title === name) return
    button.title = name
    button.setAttribute('aria-label', name)
    button.replaceChildren(icon(drawing))
  }

  for (const name of Object.keys(icons) as Name[]) {
    const button = element('button', {
      type: 'button',
      class: name === 'Delete' ? 'plain danger' : 'plain',
      onclick: async () => {
        const message = row?.message
        if (!message) return
        busy++
        try {
          await act[name](message, button)
        } catch (error) {
          scene.model.report(error)
        } finally {
          busy--
        }
      },
    })
    dress(button, icons[name], name)
    buttons.set(name, button)
    bar.append(button)
  }

  function may(name: Name, message: Message): boolean {
    const { mayWrite, isAdmin } = conversation.rights.value
    const isOwn = message.sender_id === scene.ownId()
    const isDirect = conversation.group.value.kind === 'direct'
    if (name === 'Edit') return isOwn && mayWrite
    if (name === 'Delete') return isOwn || (isAdmin && !isDirect)
    if (name === 'Pin') return mayWrite && (isAdmin || isDirect)
    return name === 'Copy link' || mayWrite
  }

  const offered = (): HTMLButtonElement[] => [...buttons.values()].filter(({ hidden }) => !hidden)

  bar.addEventListener('keydown', (event) => {
    const all = offered()
    const at = all.indexOf(document.activeElement as HTMLButtonElement)
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: -1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    all.at(to % all.length)?.focus()
  })
  return {
    element: bar,
    get row() {
      return row
    },
    get isBusy() {
      return busy > 0
    },
    show(next, article) {
      if (!next.message || next.message.is_deleted) return this.hide()
      if (row !== next || bar.parentNode !== article) {
        row = next
        article.prepend(bar)
      }
      this.update()
    },
    hide() {
      // Whoever is in it stays at the message: the focus does not go with it.
      if (bar.contains(document.activeElement)) bar.parentElement?.focus({ preventScroll: true })
      row = null
      bar.remove()
    },
    update() {
      const message = row?.message
      if (!message) return
      if (message.is_deleted) return this.hide()
      for (const [name, button] of buttons) button.hidden = !may(name, message)
      const pin = buttons.get('Pin')
      if (pin && message.pinned_at === null) dress(pin, 'pin', 'Pin')
      else if (pin) dress(pin, 'unpin', 'Unpin')
    },
    focus() {
      offered()[0]?.focus()
    },
  }
}

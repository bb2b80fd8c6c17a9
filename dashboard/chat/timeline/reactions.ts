import type { Message, Reaction } from '../../../src/client/types.ts'
import { element, setText } from '../../parts/elements.ts'
import type { Scene } from './scene.ts'

/** The reactions of a message, a button each, which stays the same one while its kind is there. */
export function createReactions(scene: Scene, message: () => Message | null) {
  const list = element('div', { class: 'reactions', role: 'group', 'aria-label': 'Reactions', hidden: true })
  const buttons = new Map<string, HTMLButtonElement>()

  const isOwn = ({ emoji, user_ids }: Reaction): boolean =>
    message()?.my_reactions?.includes(emoji) ?? user_ids.includes(scene.ownId())

  function add(emoji: string): HTMLButtonElement {
    const button = element('button', {
      type: 'button',
      class: 'reaction',
      onclick: () => {
        const target = message()
        if (target) void scene.conversation.toggleReaction(target, emoji)
      },
      onpointerenter: () => tellWho(emoji),
      onfocus: () => tellWho(emoji),
    })
    buttons.set(emoji, button)
    return button
  }

  /** Names are looked up when they are asked for: there may be many. */
  function tellWho(emoji: string): void {
    const reaction = message()?.reactions.find((reaction) => reaction.emoji === emoji)
    if (!reaction) return
    const ids = reaction.user_ids.filter((id) => id !== scene.ownId())
    const names = [...(isOwn(reaction) ? ['You'] : []), ...ids.map(scene.nameOf)].filter(Boolean)
    const others = reaction.count - names.length
    if (others > 0) names.push(`${others} ${others === 1 ? 'other' : 'others'}`)
    const button = buttons.get(emoji)
    if (button) button.title = names.join(', ')
  }

  return {
    element: list,
    update(): void {
      const reactions = message()?.reactions ?? []
      for (const [emoji, button] of buttons) {
        if (reactions.some((reaction) => reaction.emoji === emoji)) continue
        buttons.delete(emoji)
        button.remove()
      }
      list.hidden = reactions.length === 0
      reactions.forEach((reaction, i) => {
        const button = buttons.get(reaction.emoji) ?? add(reaction.emoji)
        setText(button, `${reaction.emoji} ${reaction.count}`)
        button.setAttribute('aria-pressed', String(isOwn(reaction)))
        button.disabled = !scene.conversation.rights.value.mayWrite
        if (list.children[i] !== button) list.insertBefore(button, list.children[i] ?? null)
      })
    },
  }
}

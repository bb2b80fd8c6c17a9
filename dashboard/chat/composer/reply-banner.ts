import { element } from '../../parts/elements.ts'
import { iconButton } from '../../parts/icon.ts'
import type { Conversation } from '../model/types.ts'

/** What the next message answers. */
export function createReplyBanner(conversation: Conversation, signal: AbortSignal): HTMLElement {
  const banner = element('div', { class: 'reply-banner', hidden: true })
  conversation.replyTo.listen((message) => {
    banner.hidden = message === null
    if (!message) return banner.replaceChildren()
    const { sender, content, attachments } = message
    banner.replaceChildren(
      element(
        'p',
        { dir: 'auto' },
        'Reply to ',
        element('bdi', { class: 'reply-name' }, sender.display_name),
        ' ',
        element('span', { class: 'dim' }, content || (attachments[0]?.name ?? '')),
      ),
      iconButton('Cancel reply', 'close', () => conversation.answer(null)),
    )
  }, signal)
  return banner
}

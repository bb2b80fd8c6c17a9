import { element } from '../../parts/elements.ts'
import { createComposer } from '../composer/composer.ts'
import { acceptFiles } from '../composer/files.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'
import { createTimeline } from '../timeline/timeline.ts'
import { createHeader, type HeaderActions } from './header.ts'

/** A group as it is shown: its header, its messages, and where one writes. Files can be dropped anywhere on it. */
export function createConversation(
  page: Page,
  conversation: Conversation,
  actions: HeaderActions,
  signal: AbortSignal,
): HTMLElement {
  const deps = { model: page.model, conversation }
  const view = element(
    'div',
    { class: 'conversation' },
    createHeader(page, conversation, actions, signal),
    createTimeline(deps, signal),
    createComposer(deps, signal),
  )
  acceptFiles(view, conversation, signal)
  return view
}

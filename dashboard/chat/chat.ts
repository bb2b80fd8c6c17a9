import type { PageFacts } from '../../src/http/page-facts.ts'
import { element, find } from '../parts/elements.ts'
import { iconButton } from '../parts/icon.ts'
import { createAccount } from './account/account.ts'
import { createNotifications } from './account/notifications.ts'
import type { Theme } from './account/theme.ts'
import { addressOf, readAddress } from './address.ts'
import { createBeside } from './beside.ts'
import { createConnectionStatus } from './connection.ts'
import { createConversation } from './conversation/conversation.ts'
import { openInvited } from './groups/invited.ts'
import { createGroupList } from './groups/list.ts'
import { openNewDirect, openNewGroup } from './groups/new-group.ts'
import { openOpenGroups } from './groups/open-groups.ts'
import { createPartners } from './groups/partners.ts'
import { createDirectPresence } from './groups/presence.ts'
import { listenToKeys } from './keys.ts'
import type { ChatModel, Conversation, Keeping } from './model/types.ts'
import type { Page } from './page-parts.ts'
import { createPeople } from './people/people.ts'
import { createSearch } from './search/search.ts'
import type { SessionUser } from './session/session.ts'
import { showCounts } from './title.ts'
import { showProblems } from './toasts.ts'

interface Deps {
  readonly model: ChatModel
  readonly user: SessionUser
  /** Of this user. */
  readonly keeping: Keeping
  readonly facts: PageFacts
  readonly theme: Theme
  readonly worker: Promise<ServiceWorkerRegistration | null>
  logOut(): void
}

/** On such a window the list and the conversation are two screens. */
const phone = matchMedia('(max-width: 720px)')

/** The page of a user who is logged in. */
export function createChat(deps: Deps, signal: AbortSignal): HTMLElement {
  const { model, user, keeping, facts, theme, worker, logOut } = deps
  const root = element('div', { class: 'chat' })
  const main = element('main', { id: 'main', tabindex: -1 })
  const beside = createBeside(keeping, signal)
  const panels = element('div', { class: 'panels', hidden: true })
  /** The list is one step back in the browser's history. */
  let isFromList = false

  function go(groupId: string | null, messageId?: string): void {
    const hash = groupId === null ? '' : addressOf(groupId, messageId)
    if (phone.matches) page.showPanel(null)
    if (hash && location.hash !== hash) {
      location.hash = hash
      return
    }
    if (!hash && location.hash) history.pushState(null, '', location.pathname + location.search)
    // Going where one is already is a wish, too: to that message again.
    follow()
  }

  /** Where nobody asks for another group, and this one is there: nobody may have entered it yet. */
  async function beginAt({ id, name: q }: NonNullable<PageFacts['home']>): Promise<void> {
    const { groups } = await model.chat.groups.list({ scope: 'open', q }).catch(() => ({ groups: [] }))
    const isThere = groups.some((group) => group.id === id)
    if (!isThere || location.hash || signal.aborted) return
    // At once: a browser may put off `location.replace`, and then it would undo what the user chose meanwhile.
    history.replaceState(null, '', addressOf(id))
    follow()
  }

  function back(): void {
    if (isFromList) history.back()
    else go(null)
  }

  let opener: Element | null = null
  function showPanel(panel: HTMLElement | null): void {
    if (panel && panels.hidden) opener = document.activeElement
    const hadFocus = panels.contains(document.activeElement)
    panels.replaceChildren(...(panel ? [panel] : []))
    panels.hidden = panel === null
    if (panel === null && hadFocus && opener instanceof HTMLElement) opener.focus()
  }

  const partners = createPartners({ ownId: user.id, keeping, get: model.chat.users.get })
  const page: Page = { model, partners, keeping, ownId: user.id, go, showPanel }
  const presence = createDirectPresence(model, signal)
  const search = createSearch(page)
  const notifications = createNotifications({ page, worker, hasPush: facts.push }, signal)

  function follow(): void {
    const { groupId, messageId, invite } = readAddress(location.hash)
    if (invite !== null) {
      // The address that stays is not one that asks again.
      history.replaceState(null, '', `${location.pathname}${location.search}`)
      void openInvited(page, invite)
    }
    isFromList = root.dataset.screen === 'list'
    root.dataset.screen = groupId === null ? 'list' : 'conversation'
    markScreen()
    model.open(groupId, messageId ?? undefined)
  }

  const side = element(
    'div',
    { class: 'side', 'aria-label': 'Chats' },
    element(
      'div',
      { class: 'bar' },
      element('h1', { class: 'hidden' }, 'Chats'),
      createAccount({ page, theme, notifications, name: user.name, logOut }, signal),
      iconButton('Open groups', 'compass', () => openOpenGroups(page)),
      iconButton('New direct message', 'write', () => openNewDirect(page)),
      iconButton('New group', 'group', () => openNewGroup(page)),
    ),
    search.element,
    createGroupList(page, { filter: search.filter, presence }, signal),
  )
  /** The one screen that a phone shows is its main part. */
  function markScreen(): void {
    const isAlone = phone.matches && root.dataset.screen === 'list'
    side.setAttribute('role', isAlone ? 'main' : 'complementary')
  }
  phone.addEventListener('change', markScreen, { signal })

  // Who is mentioned from the list of people is written into the text that lies under it.
  main.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLTextAreaElement) beside.makeRoom()
  })

  root.append(side, main, beside.element, panels, createConnectionStatus(model, signal))

  /** What is shown of the group now ends with it. */
  let shown = new AbortController()
  signal.addEventListener('abort', () => shown.abort())
  let before: string | undefined
  model.current.listen((conversation) => {
    shown.abort()
    shown = new AbortController()
    if (!search.isShown) showPanel(null)
    if (conversation) show(conversation, shown.signal)
    else {
      // The group went away: it was left, or its user was.
      if (before && readAddress(location.hash).groupId === before) go(null)
      main.replaceChildren(nothingShown(page))
      beside.show(null)
    }
    before = conversation?.id
  }, signal)

  function show(conversation: Conversation, signal: AbortSignal): void {
    const actions = {
      hasPeople: beside.isShown,
      togglePeople: beside.toggle,
      back,
      searchHere: () => search.begin(true),
    }
    main.replaceChildren(createConversation(page, conversation, actions, signal))
    // The two of a direct chat are both in its header.
    const isDirect = conversation.group.value.kind === 'direct'
    beside.show(isDirect ? null : createPeople({ model, conversation }, signal))
    // Who goes through the groups with the keys, or clicks, wants to write; a phone would open its keyboard at once.
    if (phone.matches) main.focus()
    else main.querySelector('textarea')?.focus()
  }

  showProblems(model, find('toasts'), signal)
  showCounts(page, signal)
  listenToKeys(page, { search: () => search.begin() }, signal)
  addEventListener('hashchange', follow, { signal })
  follow()
  // A phone begins with the list, which has no place beside.
  if (facts.home !== null && !location.hash && !phone.matches) void beginAt(facts.home)
  return root
}

const nothingShown = (page: Page): HTMLElement =>
  element(
    'div',
    { class: 'nothing' },
    element('h1', {}, 'No group is open'),
    element('p', {}, 'Choose one from the list, or begin something new.'),
    element(
      'p',
      {},
      element('button', { type: 'button', onclick: () => openNewDirect(page) }, 'Write to somebody'),
      ' ',
      element('button', { type: 'button', onclick: () => openOpenGroups(page) }, 'Look for open groups'),
    ),
  )

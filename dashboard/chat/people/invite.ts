import type { Person } from '../../../src/client/types.ts'
import { copyText } from '../../parts/clipboard.ts'
import { openDialog } from '../../parts/dialog.ts'
import { element, setText } from '../../parts/elements.ts'
import { createChoosePeople } from '../groups/choose-people.ts'
import type { PeopleDeps } from './menu.ts'

interface Invite {
  readonly code: string
  readonly expires_at: string
  readonly max_uses: number | null
}

/** One that is about to expire is not given on. */
const goodForMs = 2 * 24 * 3_600_000

/** Opens the dialog by which people get into the group: by a link, or by being added. */
export function openInvite({ model, conversation }: PeopleDeps): void {
  const link = element('input', {
    id: 'invite-link',
    type: 'text',
    readonly: true,
    onfocus: () => link.select(),
  })
  const until = element('p', { class: 'dim' }, ' ')
  const told = element('p', { role: 'status', class: 'invite-told' })
  const copy = element('button', { type: 'button', class: 'primary', disabled: true }, 'Copy')
  copy.addEventListener('click', async () => {
    const isCopied = await copyText(link.value)
    if (!isCopied) link.select()
    setText(told, isCopied ? 'The link is copied' : 'Copy the link by hand')
  })

  const search = async (query: string): Promise<readonly Person[]> => {
    const { users } = await model.chat.users.search(query, { limit: 8 })
    const there = new Set(conversation.people.value.members.map(({ user_id: id }) => id))
    return users.filter(({ id }) => !there.has(id))
  }
  const add = async ({ id, display_name: name }: Person): Promise<void> => {
    try {
      await model.chat.groups.addMember(conversation.id, id)
      setText(told, `${name} is in the group now`)
    } catch (error) {
      setText(told, sentenceOf(error))
    }
  }

  openDialog({ title: 'Invite people', className: 'invite' }, (close) => [
    element('label', { for: link.id }, 'Invite link'),
    element('div', { class: 'invite-link' }, link, copy),
    until,
    createChoosePeople({ label: 'Add people', isOne: false, search, take: (person) => void add(person) })
      .element,
    told,
    element('div', { class: 'actions' }, element('button', { type: 'button', onclick: close }, 'Done')),
  ])

  inviteTo({ model, conversation }).then(
    ({ code, expires_at: time }) => {
      link.value = new URL(`#invite=${code}`, location.href).href
      copy.disabled = false
      const day = new Date(time).toLocaleDateString([], { dateStyle: 'long' })
      setText(until, `Whoever has the link can join until ${day}.`)
      if (document.activeElement === link) link.select()
    },
    (error) => setText(told, sentenceOf(error)),
  )
}

/** One that can still be used by everybody, or a new one: a group has only so many. */
async function inviteTo({ model, conversation }: PeopleDeps): Promise<Invite> {
  const { groups } = model.chat
  const { invites } = (await groups.invites(conversation.id)) as unknown as { invites: Invite[] }
  const good = invites.find(
    ({ max_uses: most, expires_at: time }) => most === null && Date.parse(time) > Date.now() + goodForMs,
  )
  return good ?? ((await groups.invite(conversation.id)) as unknown as Invite)
}

const sentenceOf = (error: unknown): string =>
  (error as { detail?: string }).detail ?? 'The service could not be reached'

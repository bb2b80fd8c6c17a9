import type { Member } from '../../../src/client/types.ts'
import { confirm } from '../../parts/dialog.ts'
import { type MenuItem, openMenu } from '../../parts/menu.ts'
import { addressOf } from '../address.ts'
import { insertionOf } from '../composer/insertion.ts'
import { leave } from '../conversation/leave.ts'
import type { ChatModel, Conversation } from '../model/types.ts'
import { actionsFor, type PersonAction } from './actions.ts'
import { blocksOf } from './blocks.ts'

export interface PeopleDeps {
  readonly model: ChatModel
  readonly conversation: Conversation
}

/** A mute ends by itself: nobody stays silenced because it was forgotten. */
const muteMs = 24 * 3_600_000

const dangerous: ReadonlySet<PersonAction> = new Set(['Remove', 'Ban', 'Block', 'Leave group'])

/** Opens the menu of what the user may do about the person. */
export function openPersonMenu(button: HTMLElement, person: Member, deps: PeopleDeps): void {
  const { model, conversation } = deps
  const { kind, role } = conversation.group.value
  const actions = actionsFor(person, {
    meId: model.me.value?.id ?? '',
    myRole: role,
    isDirect: kind === 'direct',
    mayWrite: conversation.rights.value.mayWrite,
    isBlocked: blocksOf(model).cell.value.has(person.user_id),
    now: Date.now(),
  })
  if (actions.length === 0) return
  const items: MenuItem[] = actions.map((name) => ({
    name,
    isDangerous: dangerous.has(name),
    run: () => void act(name, person, deps).catch(model.report),
  }))
  openMenu(button, items)
}

/** Rejects with what the service refuses. What it did comes back as an event, as it does to everybody else. */
async function act(action: PersonAction, person: Member, deps: PeopleDeps): Promise<unknown> {
  const { model, conversation } = deps
  const { groups } = model.chat
  const { id } = conversation
  const { user_id: userId, username, display_name: name } = person
  const change = (changes: { role?: 'owner' | 'admin' | 'member'; muted_until?: string | null }) =>
    groups.changeMember(id, userId, changes)
  switch (action) {
    case 'Message':
      return openDirect(model, userId)
    case 'Mention':
      return insertionOf(conversation).set({ text: `@${username} ` })
    case 'Mute':
      return change({ muted_until: new Date(Date.now() + muteMs).toISOString() })
    case 'Unmute':
      return change({ muted_until: null })
    case 'Make admin':
      return change({ role: 'admin' })
    case 'Remove as admin':
      return change({ role: 'member' })
    case 'Make owner': {
      const text = `${name} may then do all that you may, also take that from you.`
      return (await confirm(`Make ${name} an owner?`, text, 'Make owner')) && change({ role: 'owner' })
    }
    case 'Remove': {
      const text = 'They can come back when somebody lets them in.'
      return (await confirm(`Remove ${name}?`, text, 'Remove')) && groups.removeMember(id, userId)
    }
    case 'Ban': {
      const text = 'They are out at once, and can’t come back until the ban is lifted.'
      return (await confirm(`Ban ${name}?`, text, 'Ban')) && groups.ban(id, userId)
    }
    case 'Block': {
      const text =
        'They can’t write to you directly, nor call you by mentions. Their messages in groups stay.'
      return (await confirm(`Block ${name}?`, text, 'Block')) && blocksOf(model).block(userId)
    }
    case 'Unblock':
      return blocksOf(model).unblock(userId)
    case 'Leave group':
      return leaveGroup(deps)
  }
}

async function openDirect(model: ChatModel, userId: string): Promise<void> {
  const group = await model.chat.groups.direct(userId)
  await model.adopt(group.id)
  location.hash = addressOf(group.id)
}

export const leaveGroup = ({ model, conversation }: PeopleDeps): Promise<void> =>
  leave(
    {
      model,
      go: () => {
        location.hash = ''
      },
    },
    conversation,
    conversation.group.value.name ?? '',
  )

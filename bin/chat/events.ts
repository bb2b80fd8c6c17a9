import type { ChatEvent } from '../../src/client/client.ts'
import type { MemberView } from '../../src/domain/member.ts'
import type { MessageView } from '../../src/domain/message.ts'
import type { ReactionChange, ReactionView } from '../../src/domain/reaction.ts'
import type { Screen } from '../screen.ts'
import type { Shown } from './shown.ts'

/** Shows a message as it is now. `isEdited`: it was shown before, and says something else now. */
export function showMessage(screen: Screen, shown: Shown, message: MessageView, isEdited = false): void {
  const remarks = [
    ...(message.reply_to === null ? [] : [`to ${shown.nameOf(message.reply_to)}`]),
    ...(isEdited ? ['edited'] : []),
  ]
  shown.add(message)
  screen.message(message, remarks.join(', '))
}

/** Shows an event in one line, if it is of interest to a person. */
export function showEvent(screen: Screen, shown: Shown, event: ChatEvent): void {
  const { type, user_id: userId } = event
  const name = () => shown.nameOf(String(event.message_id))
  if (type === 'new_message') showMessage(screen, shown, event.message as MessageView)
  else if (type === 'message_updated') showMessage(screen, shown, event.message as MessageView, true)
  else if (type === 'message_deleted') screen.note(`${capital(name())} was deleted.`)
  else if (type === 'reactions') screen.note(reactions(name(), event))
  else if (type === 'message_pinned') screen.note(`${event.by} pinned ${name()}`)
  else if (type === 'message_unpinned') screen.note(`${capital(name())} is not pinned any more`)
  else if (type === 'messages_erased') screen.note('Messages of somebody who was erased are gone.')
  else if (type === 'history_cleared') screen.note('Messages of long ago were removed.')
  else if (type === 'user_joined') screen.note(`${userId} is here`)
  else if (type === 'user_left') screen.note(`${userId} left`)
  else if (type === 'member_added') screen.note(`${member(event).user_id} is now a member`)
  else if (type === 'member_updated') screen.note(standing(member(event)))
  else if (type === 'member_removed') screen.note(`${userId} is no member any more`)
  else if (type === 'member_banned') screen.note(`${userId} is banned`)
}

const member = (event: ChatEvent) => event.member as MemberView

const standing = ({ user_id, role, muted_until }: MemberView): string =>
  muted_until !== null && Date.parse(muted_until) > Date.now()
    ? `${user_id} is muted until ${muted_until}`
    : `${user_id} is ${role === 'member' ? 'a member' : `an ${role}`}`

function reactions(name: string, event: ChatEvent): string {
  const changed = event.changed as ReactionChange[] | undefined
  if (changed?.length === 1 && changed[0]) {
    const [{ user_id, emoji, added }] = changed as [ReactionChange]
    return `${user_id} ${added ? 'reacted' : 'took back'} ${emoji} to ${name}`
  }
  const all = (event.reactions as ReactionView[]).map(({ emoji, count }) => `${emoji} ${count}`)
  return `reactions to ${name}: ${all.join(', ') || 'none'}`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

import type { MemberView } from '../../src/domain/member.ts'
import type { MessageView } from '../../src/domain/message.ts'
import type { Api } from './api.ts'
import { told } from './api.ts'
import type { Frame } from './socket.ts'

/**
 * A group as a client has it that read it once, and since then does what the events say. What it has must equal what somebody
 * reads anew.
 */
export interface Folded {
  /** Does what a durable event says. */
  fold(event: Frame): void
  /** All that a client shows of the group, in a form that can be compared. */
  state(): FoldedState
}

export interface FoldedState {
  readonly group: Record<string, unknown>
  readonly members: readonly Record<string, unknown>[]
  readonly messages: readonly Record<string, unknown>[]
  readonly pins: readonly string[]
}

/** The fields of a group that its events tell. */
const settings = ['name', 'description', 'visibility', 'post_policy', 'metadata', 'retention_days']

const pick = (from: Record<string, unknown>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, from[name]]))

async function must(api: Api, path: string): Promise<Record<string, unknown>> {
  const { status, body, text } = await api.call('GET', path)
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
  return body
}

/** Reads the group, which the events after the cursor that was taken before are to be folded into. */
export async function readGroup(api: Api, groupId: string): Promise<Folded> {
  const path = `/groups/${groupId}`
  const group = pick(await must(api, path), settings)
  const listed = (await must(api, `${path}/members?limit=100`)).members as MemberView[]
  const members = new Map(listed.map((member) => [member.user_id, member]))
  const { messages: pinned } = (await must(api, `${path}/pins`)) as unknown as { messages: MessageView[] }
  // The latest pin is last here.
  let pins = pinned.map(({ id }) => id).reverse()
  const messages = new Map(
    (await api.history(groupId)).map((message) => [message.id, told(message as never)]),
  )
  /** How many answers there are is moved by the answers alone, as they come, go and come back. */
  function put(message: MessageView): void {
    const before = messages.get(message.id)
    if (before && before.ver > message.ver) return
    messages.set(message.id, before ? { ...message, reply_count: before.reply_count } : message)
    if (!before) countAnswer(message, 1)
  }

  function remove(id: string): void {
    const message = messages.get(id)
    if (message) countAnswer(message, -1)
    messages.delete(id)
    pins = pins.filter((pinned) => pinned !== id)
  }

  function countAnswer({ reply_to }: MessageView, by: 1 | -1): void {
    const root = reply_to === null ? undefined : messages.get(reply_to)
    if (root) changed(root.id, { reply_count: root.reply_count + by })
  }

  const changed = (id: unknown, change: Partial<MessageView>): void => {
    const message = messages.get(String(id))
    if (message) messages.set(message.id, { ...message, ...change })
  }

  return {
    fold(event) {
      const message = event.message as MessageView
      const member = event.member as MemberView
      switch (event.type) {
        case 'new_message':
        case 'message_updated':
          return put(message)
        case 'message_deleted':
          return remove(String(event.message_id))
        case 'reactions':
          return changed(event.message_id, { reactions: event.reactions as MessageView['reactions'] })
        case 'messages_erased':
          for (const id of event.message_ids as string[]) remove(id)
          return
        case 'history_cleared':
          for (const { id, seq } of [...messages.values()]) if (seq <= Number(event.up_to_seq)) remove(id)
          return
        case 'message_pinned':
          pins = [...pins.filter((id) => id !== event.message_id), String(event.message_id)]
          return
        case 'message_unpinned':
          pins = pins.filter((id) => id !== event.message_id)
          return
        case 'member_added':
        case 'member_updated':
          return void members.set(member.user_id, member)
        case 'member_removed':
        case 'member_banned':
          return void members.delete(String(event.user_id))
        case 'group_updated':
          Object.assign(group, pick(event.group as Record<string, unknown>, settings))
      }
    },

    state: () => ({
      group: { ...group },
      members: [...members.values()]
        .map((member) => pick({ ...member }, ['user_id', 'role', 'joined_at', 'muted_until']))
        .sort((a, b) => String(a.user_id).localeCompare(String(b.user_id))),
      messages: [...messages.values()]
        .sort((a, b) => a.seq - b.seq)
        // When it was pinned is not told, that it is is in `pins`.
        .map(({ pinned_at: _, ...message }) => message),
      pins: [...pins],
    }),
  }
}

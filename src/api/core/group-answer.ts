import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import type { NamedGroup } from '../../chat/named-groups.ts'
import type { Caller } from '../../domain/caller.ts'
import { notFound } from '../../domain/errors.ts'
import {
  type GroupSummary,
  GroupView,
  type GroupWithMembers,
  groupExample,
  groupView,
} from '../../domain/group.ts'
import { StandingView, standingView } from '../../domain/read.ts'
import { Time, time } from '../../domain/text.ts'
import { jsonReply, type Reply } from '../../http/reply.ts'
import { AnsweredMessage, answeredExample, createAnswered } from './message-answer.ts'

export const answeredGroupExample = {
  ...groupExample,
  seq: 42,
  last_message_at: '2026-01-01T00:00:00.000Z',
  role: 'owner',
  read_seq: 42,
  unread_count: 0,
  mention_count: 0,
  last_message: answeredExample,
}

/** A group as REST answers it, with how the caller stands to it, which is told to nobody else. */
export const AnsweredGroup = Type.Object(
  {
    ...GroupView.properties,
    seq: Type.Integer({ minimum: 0, description: "The number of the group's last message." }),
    last_message_at: Type.Union([Time, Type.Null()]),
    ...StandingView.properties,
    last_message: Type.Union([AnsweredMessage, Type.Null()], {
      description: 'The newest message that is not deleted.',
    }),
  },
  { title: 'AnsweredGroup', examples: [answeredGroupExample] },
)
export type AnsweredGroup = Static<typeof AnsweredGroup>

/** Views of groups for the caller alone, in a few reads, however many there are. Groups that are gone are left out. */
export function createAnsweredGroups(
  { reads, ...chat }: Pick<Chat, 'reads' | 'reactions' | 'people'>,
  prefix: string,
) {
  const answered = createAnswered(chat, prefix)
  return async (
    caller: Caller,
    groups: readonly (GroupWithMembers | GroupSummary)[],
  ): Promise<AnsweredGroup[]> => {
    const found = await reads.overview(
      caller,
      groups.map(({ id }) => id),
    )
    const messages = [...found.values()].flatMap(({ lastMessage }) => lastMessage ?? [])
    const views = new Map((await answered(caller, messages)).map((view) => [view.group_id, view]))
    return groups.flatMap((group): AnsweredGroup[] => {
      const standing = found.get(group.id)?.standing
      if (!standing) return []
      const { seq, lastMessageAt } = standing
      return [
        {
          ...groupView(group),
          seq,
          last_message_at: lastMessageAt === null ? null : time(lastMessageAt),
          ...standingView(standing),
          last_message: views.get(group.id) ?? null,
        },
      ]
    })
  }
}

/** Answers a group that has just been made, or was there. */
export function createOpenedReply(chat: Pick<Chat, 'reads' | 'reactions' | 'people'>, prefix: string) {
  const answered = createAnsweredGroup(chat, prefix)
  return async (caller: Caller, { group, isNew }: NamedGroup): Promise<Reply> => {
    const view = await answered(caller, group)
    return isNew ? jsonReply(201, view, { Location: `${prefix}/groups/${group.id}` }) : jsonReply(200, view)
  }
}

/** The view of one group. Throws not_found when it has just gone. */
export function createAnsweredGroup(chat: Pick<Chat, 'reads' | 'reactions' | 'people'>, prefix: string) {
  const answered = createAnsweredGroups(chat, prefix)
  return async (caller: Caller, group: GroupWithMembers | GroupSummary): Promise<AnsweredGroup> => {
    const [view] = await answered(caller, [group])
    if (!view) throw notFound('group')
    return view
  }
}

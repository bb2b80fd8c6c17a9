import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import type { Caller } from '../../domain/caller.ts'
import type { GroupSummary } from '../../domain/group.ts'
import { PreferencesView, preferencesView } from '../../domain/preference.ts'
import { AnsweredGroup, answeredGroupExample, createAnsweredGroups } from './group-answer.ts'

export const listedGroupExample = {
  ...answeredGroupExample,
  notify: 'mentions',
  pinned: false,
  hidden: false,
}

/** A group in the caller's list, with how the caller sees it. */
export const ListedGroup = Type.Object(
  {
    ...AnsweredGroup.properties,
    ...PreferencesView.properties,
    is_member: Type.Optional(Type.Boolean({ description: 'Only with `scope=open`.' })),
  },
  { title: 'ListedGroup', examples: [listedGroupExample] },
)

export function createListedGroups(
  { preferences, ...chat }: Pick<Chat, 'preferences' | 'reads' | 'reactions' | 'people'>,
  prefix: string,
) {
  const answered = createAnsweredGroups(chat, prefix)
  return async (by: Caller, groups: readonly GroupSummary[]): Promise<Static<typeof ListedGroup>[]> => {
    const [views, seen] = await Promise.all([answered(by, groups), preferences.withOwn(by, groups)])
    const ownOf = new Map(seen.map(({ group, own }) => [group.id, own]))
    return views.flatMap((view) => {
      const own = ownOf.get(view.id)
      return own ? [{ ...view, ...preferencesView(own) }] : []
    })
  }
}

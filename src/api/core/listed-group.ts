import { type Static, Type } from 'typebox'
import type { Preferences } from '../../chat/preferences.ts'
import type { Caller } from '../../domain/caller.ts'
import { type GroupSummary, GroupView, groupView } from '../../domain/group.ts'
import { PreferencesView, preferencesView } from '../../domain/preference.ts'

/** A group in the caller's list, with how the caller sees it. */
export const ListedGroup = Type.Object(
  {
    ...GroupView.properties,
    ...PreferencesView.properties,
    is_member: Type.Optional(Type.Boolean({ description: 'Only with `scope=open`.' })),
  },
  { title: 'ListedGroup' },
)

export const createListedGroups =
  (preferences: Pick<Preferences, 'withOwn'>) =>
  async (by: Caller, groups: readonly GroupSummary[]): Promise<Static<typeof ListedGroup>[]> =>
    (await preferences.withOwn(by, groups)).map(({ group, own }) => ({
      ...groupView(group),
      ...preferencesView(own),
    }))

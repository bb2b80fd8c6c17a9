import { type Static, Type } from 'typebox'
import type { GroupKind } from './group.ts'

/** Of which messages the member wants to be told. It is for clients: what is sent to sockets does not depend on it. */
export const Notify = Type.Enum(['all', 'mentions', 'none'])
export type Notify = Static<typeof Notify>

/** How a member wants to see a group. Nobody else is told. */
export interface Preferences {
  readonly notify: Notify
  /** First in the list of groups. */
  readonly pinned: boolean
  /** Left out of the list of groups. A direct chat comes back with its next message. */
  readonly hidden: boolean
}

/** What a member has chosen so far; null: nothing, so that it depends on the kind of the group. */
export type Chosen = Omit<Preferences, 'notify'> & { readonly notify: Notify | null }

const notChosen: Chosen = { notify: null, pinned: false, hidden: false }

export const preferencesIn = (kind: GroupKind, chosen: Chosen = notChosen): Preferences => ({
  ...chosen,
  notify: chosen.notify ?? (kind === 'direct' ? 'all' : 'mentions'),
})

export const PreferenceChanges = Type.Object(
  {
    notify: Type.Optional(Notify),
    pinned: Type.Optional(Type.Boolean()),
    hidden: Type.Optional(Type.Boolean()),
  },
  { title: 'PreferenceChanges', examples: [{ notify: 'all', pinned: true }] },
)
export type PreferenceChanges = Static<typeof PreferenceChanges>

export const PreferencesView = Type.Object(
  { notify: Notify, pinned: Type.Boolean(), hidden: Type.Boolean() },
  { title: 'Preferences', examples: [{ notify: 'all', pinned: true, hidden: false }] },
)
export type PreferencesView = Static<typeof PreferencesView>

export const preferencesView = ({ notify, pinned, hidden }: Preferences): PreferencesView => ({
  notify,
  pinned,
  hidden,
})

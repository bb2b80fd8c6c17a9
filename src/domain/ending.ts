/** Why a listener may hear no more of a group. */
export type EndReason =
  | 'access_revoked'
  | 'group_deleted'
  /** The user has hidden the direct chat, and may still read it. */
  | 'hidden'

import { type ChangeType, changeKinds } from './changes.ts'

/** Of what a receiver may be told: what happens in groups, whom messages mention, which groups end, and what is reported. */
export const webhookTypes: readonly string[] = [
  'new_message',
  'mention',
  ...Object.keys(changeKinds).filter((type) => !('isSilent' in changeKinds[type as ChangeType])),
  'group_deleted',
  'report_created',
]

export const defaultWebhookTypes = [
  'new_message',
  'mention',
  'member_added',
  'member_removed',
  'group_deleted',
  'report_created',
]

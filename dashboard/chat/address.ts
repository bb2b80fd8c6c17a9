/** Where the page is, or is asked to go: what stands behind the `#` of its address. */
export interface Address {
  readonly groupId: string | null
  /** In that group. */
  readonly messageId: string | null
  readonly invite: string | null
  /** A JWT to log in with. */
  readonly token: string | null
}

export function readAddress(hash: string): Address {
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const field = (name: string): string | null => fields.get(name) || null
  return {
    groupId: field('group'),
    messageId: field('message'),
    invite: field('invite'),
    token: field('token'),
  }
}

export const addressOf = (groupId: string, messageId?: string): string =>
  `#group=${encodeURIComponent(groupId)}${messageId ? `&message=${encodeURIComponent(messageId)}` : ''}`

/** What stays of a hash when its token is taken. */
export function withoutToken(hash: string): string {
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  fields.delete('token')
  return fields.size ? `#${fields}` : ''
}

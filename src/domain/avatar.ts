/** A picture of a user or a group, which is called by its bytes: under one hash there is always the same picture. */
export interface Avatar {
  /** Of the bytes, in lower-case hex. */
  readonly sha256: string
  readonly type: AvatarType
  readonly bytes: Uint8Array
}

export type AvatarType = 'image/png' | 'image/jpeg' | 'image/webp'

/** Whose picture it is. */
export type AvatarOwner = { readonly userId: string } | { readonly groupId: string }

/** Where all avatars are, whatever the prefix: an address of one outlives what is set up. */
export const avatarPath = '/avatars'

export const avatarUrl = (sha256: string): string => `${avatarPath}/${sha256}`

/** The hash in an address that `avatarUrl` made; null for any other. */
export const avatarHash = (url: string | null): string | null =>
  url?.startsWith(`${avatarPath}/`) ? url.slice(avatarPath.length + 1) : null

/** What the bytes themselves show to be a picture: null for anything else. */
export function avatarTypeOf(bytes: Uint8Array): AvatarType | null {
  const begins = (at: number, ...wanted: number[]) => wanted.every((byte, i) => bytes[at + i] === byte)
  if (begins(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png'
  if (begins(0, 0xff, 0xd8, 0xff)) return 'image/jpeg'
  // RIFF, four bytes of length, WEBP.
  if (begins(0, 0x52, 0x49, 0x46, 0x46) && begins(8, 0x57, 0x45, 0x42, 0x50)) return 'image/webp'
  return null
}

import type { Avatar, AvatarOwner } from '../domain/avatar.ts'

/** The bytes of avatars. Which of them its owner shows is in the profile, or in the group; a group's go with it. */
export interface AvatarStore {
  /** The owner has this picture from now on, beside those that it has already. Again changes nothing. */
  put(owner: AvatarOwner, avatar: Avatar): Promise<void>
  /** The owner has this picture no more. It is gone when nobody else has it. */
  drop(owner: AvatarOwner, sha256: string): Promise<void>
  read(sha256: string): Promise<Avatar | null>
}

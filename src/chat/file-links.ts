import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import type { Store } from '../store/store.ts'

/** What makes an address that opens a file without a token: it stands for one user, for some minutes. */
export interface FileLink {
  readonly fileId: string
  readonly by: Caller
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Over all of the above. */
  readonly signature: string
}

const linkMs = 5 * 60_000

interface Deps {
  store: Pick<Store, 'secrets'>
  now: () => number
}

/** Signs links with a key that all instances share. */
export function createFileLinks({ store, now }: Deps) {
  let key: string | undefined

  async function sign({ fileId, by, expiresAt }: Omit<FileLink, 'signature'>): Promise<Buffer> {
    key ??= await store.secrets.read('file_links', randomBytes(32).toString('base64url'))
    const text = JSON.stringify([fileId, by.userId, by.admin, expiresAt])
    return createHmac('sha256', key).update(text).digest()
  }

  return {
    async make(by: Caller, fileId: string): Promise<FileLink> {
      const link = { fileId, by: { userId: by.userId, admin: by.admin }, expiresAt: now() + linkMs }
      return { ...link, signature: (await sign(link)).toString('base64url') }
    },

    /** Throws forbidden when it is past its time, or anything of it was changed. */
    async check(link: FileLink): Promise<void> {
      const [given, right] = [Buffer.from(link.signature, 'base64url'), await sign(link)]
      if (given.length !== right.length || !timingSafeEqual(given, right))
        throw new ChatError('forbidden', 'This link was not made here.')
      if (link.expiresAt <= now())
        throw new ChatError('forbidden', 'This link is past its time: ask for another.')
    },
  }
}

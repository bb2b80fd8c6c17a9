import type { Files } from '../../../src/client/types.ts'

/** Signed addresses of files, which browsers can load without a token. They are asked for once, and again when they are past their time. */
export interface Links {
  get(fileId: string): Promise<string>
  /** The address, where one is known that still holds. */
  known(fileId: string): string | null
  /** It did not load: the next one is asked for. */
  forget(fileId: string): void
}

/** A link that ends sooner is not given out: there has to be time to follow it. */
const spareMs = 30_000

export function createLinks(files: Pick<Files, 'link'>, now: () => number): Links {
  const links = new Map<string, { url: string; until: number }>()
  const asked = new Map<string, Promise<string>>()
  const known = (fileId: string): string | null => {
    const link = links.get(fileId)
    return link && link.until - spareMs > now() ? link.url : null
  }

  async function ask(fileId: string): Promise<string> {
    try {
      const { url, expires_at } = await files.link(fileId)
      links.set(fileId, { url, until: Date.parse(expires_at) })
      return url
    } finally {
      asked.delete(fileId)
    }
  }

  return {
    known,
    forget: (fileId) => links.delete(fileId),
    async get(fileId) {
      const url = known(fileId)
      if (url !== null) return url
      const under = asked.get(fileId) ?? ask(fileId)
      asked.set(fileId, under)
      return under
    },
  }
}

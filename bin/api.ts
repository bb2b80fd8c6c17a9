import { Failure } from './command.ts'
import { reasonOf } from './reason.ts'

/** The service answered, and said no. */
export class Refused extends Failure {
  /** What the service says to a person. */
  readonly detail: string
  constructor(call: string, status: number, detail: string) {
    super(`${call} answered ${status}: ${detail}`)
    this.detail = detail
  }
}

/** Calls the REST API of a running service, as any client does. */
export interface Api {
  /** Resolves with the JSON of a good answer; undefined where it has none. Throws Refused with what the service says, Failure. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
}

const timeoutMs = 10_000

/** `base`: the API's URL with its prefix, without a slash at the end. */
export function createApi(base: string, token: string): Api {
  return {
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await fetch(base + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      }).catch((error: unknown) => {
        throw new Failure(
          `No service answers at ${base} (${reasonOf(error)}). Is it running? Start it with: npm start`,
        )
      })
      const text = await response.text()
      if (!response.ok) throw new Refused(`${method} ${base}${path}`, response.status, detailOf(text))
      return (text ? JSON.parse(text) : undefined) as T
    },
  }
}

function detailOf(text: string): string {
  try {
    return String(JSON.parse(text).detail)
  } catch {
    return text.slice(0, 200) // this is no answer of the service, but perhaps a proxy's
  }
}

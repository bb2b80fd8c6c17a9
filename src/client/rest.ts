import { chatError } from './errors.ts'
import type { ChatError, ChatResponse, ConnectOptions, UploadOptions } from './types.ts'

/** Requests to the API, under its prefix. All of them reject with ChatError. */
export interface Rest {
  request<T>(method: string, path: string, body?: unknown): Promise<T>
  upload<T>(
    method: 'POST' | 'PUT',
    path: string,
    file: unknown,
    onProgress: UploadOptions['onProgress'],
  ): Promise<T>
  /** Why the service refuses this token here; null where it does not, or can't be asked. */
  refusal(token: string): Promise<ChatError | null>
}

interface Deps {
  base: string
  token(): Promise<string>
  fetch: NonNullable<ConnectOptions['fetch']>
}

const unknownService = (base: string) => `${base} does not answer as chat-api does: is the address right?`

export function createRest({ base, token, fetch }: Deps): Rest {
  async function ask(path: string, init: object): Promise<ChatResponse> {
    try {
      return await fetch(base + path, init)
    } catch (error) {
      throw chatError(
        'offline',
        `${base} can't be reached: ${error instanceof Error ? error.message : error}`,
      )
    }
  }

  async function answer<T>(response: Pick<ChatResponse, 'ok' | 'status' | 'headers' | 'text'>): Promise<T> {
    const text = await response.text()
    let value: any
    try {
      value = text ? JSON.parse(text) : undefined
    } catch {
      throw chatError('not_found', unknownService(base), { status: response.status })
    }
    if (response.ok) return value
    const { code = 'not_found', detail = unknownService(base), errors } = value ?? {}
    const seconds = Number(response.headers.get('Retry-After') || Number.NaN)
    throw chatError(code, detail, {
      status: response.status,
      ...(errors && { errors }),
      ...(seconds >= 0 && { retryAfterMs: seconds * 1_000 }),
    })
  }

  const headersOf = (token: string, type?: string) => ({
    Authorization: `Bearer ${token}`,
    ...(type && { 'Content-Type': type }),
  })

  return {
    async request(method, path, body) {
      const headers = headersOf(await token(), body === undefined ? undefined : 'application/json')
      return answer(
        await ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }),
      )
    },

    async upload(method, path, file, onProgress) {
      const headers = headersOf(await token(), 'application/octet-stream')
      // `fetch` tells of no progress of what it sends; where there is the older way, it does.
      const Request = (globalThis as { XMLHttpRequest?: any }).XMLHttpRequest
      if (onProgress && Request)
        return answer(await viaOlderWay(Request, method, base + path, headers, file, onProgress))
      const total =
        Number(
          (file as { size?: number; byteLength?: number }).size ??
            (file as { byteLength?: number }).byteLength,
        ) || 0
      onProgress?.({ loaded: 0, total })
      const response = await ask(path, { method, headers, body: file })
      onProgress?.({ loaded: total, total })
      return answer(response)
    },

    async refusal(token) {
      try {
        const page: any = await answer(await ask('/groups?page_size=1', { headers: headersOf(token) }))
        return Array.isArray(page?.groups)
          ? null
          : chatError('not_found', unknownService(base), { status: 404 })
      } catch (error) {
        return (error as ChatError).code === 'offline' ? null : (error as ChatError)
      }
    },
  }
}

/** By an XMLHttpRequest, whose answer is told as one of `fetch`. */
const viaOlderWay = (
  Request: any,
  method: string,
  url: string,
  headers: Record<string, string>,
  file: unknown,
  onProgress: NonNullable<UploadOptions['onProgress']>,
): Promise<Pick<ChatResponse, 'ok' | 'status' | 'headers' | 'text'>> =>
  new Promise((resolve, reject) => {
    const request = new Request()
    request.open(method, url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }: { loaded: number; total: number }) =>
      onProgress({ loaded, total })
    request.onerror = () => reject(chatError('offline', 'The upload was cut off.'))
    request.onload = () =>
      resolve({
        ok: request.status >= 200 && request.status < 300,
        status: request.status,
        headers: { get: (name) => request.getResponseHeader(name) },
        text: async () => request.responseText,
      })
    request.send(file)
  })

import { randomBytes } from 'node:crypto'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Check } from '../../src/store/check.ts'
import { reasonOf } from '../reason.ts'

const timeoutMs = 5_000

/** Whether the service answers under its public URL, WebSockets too. */
export async function checkProxy(url: string, apiPrefix: string): Promise<Check[]> {
  return [await answers(url), await upgrades(url, apiPrefix)]
}

async function answers(url: string): Promise<Check> {
  const what = 'public URL'
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.headers.has('x-correlation-id'))
      return {
        level: 'fail',
        what,
        text: `${url}/health is answered by something else (${response.status}).`,
      }
    if (response.status !== 200)
      return { level: 'warn', what, text: `the service answers ${response.status}: its store is away` }
    return { level: 'ok', what, text: `${url} reaches the service` }
  } catch (error) {
    return { level: 'fail', what, text: `${url} doesn't answer: ${reasonOf(error)}. Does the service run?` }
  }
}

/** Without a token the service answers an upgrade with 401, but a plain request for the same path with 404. */
async function upgrades(url: string, apiPrefix: string): Promise<Check> {
  const what = 'WebSocket'
  const advice =
    'Let the proxy pass on Upgrade and Connection (nginx: proxy_set_header Upgrade $http_upgrade).'
  try {
    const { statusCode = 0, headers } = await askForUpgrade(`${url}${apiPrefix}/ws`)
    if (statusCode >= 300 && statusCode < 400)
      return {
        level: 'fail',
        what,
        text: `the upgrade is sent on to ${headers.location ?? 'nowhere'}, where WebSocket clients don't follow. Give them, and --url, that address.`,
      }
    if (!('x-correlation-id' in headers))
      return {
        level: 'fail',
        what,
        text: `the proxy itself answers the upgrade, with ${statusCode}. ${advice}`,
      }
    if (statusCode === 401) return { level: 'ok', what, text: 'upgrades reach the service' }
    if (statusCode === 404)
      return { level: 'fail', what, text: `the upgrade arrives as a plain request. ${advice}` }
    return { level: 'warn', what, text: `the service answers the upgrade with ${statusCode}, not 401` }
  } catch (error) {
    return { level: 'fail', what, text: `no answer to an upgrade: ${(error as Error).message}. ${advice}` }
  }
}

function askForUpgrade(url: string): Promise<IncomingMessage> {
  const ask = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request: ClientRequest = ask(url, {
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
    })
    const settle = (response: IncomingMessage) => {
      resolve(response)
      response.destroy()
      request.destroy()
    }
    request.on('response', settle)
    request.on('upgrade', settle)
    request.on('error', reject)
    request.end()
  })
}

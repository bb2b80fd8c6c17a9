import { Failure, print, readArguments } from './command.ts'
import { loadConfig, localUrl } from './environment.ts'
import { reasonOf } from './reason.ts'

export const help = `Usage: chat-api health [--url URL]

Asks whether the local service is alive (GET /livez): exits with 0 or 1. For a container's health check.

  --url URL  asks there instead of at HOST and PORT`

const timeoutMs = 3_000

export async function run(argv: string[]): Promise<number> {
  const { values } = readArguments(argv, { url: { type: 'string' } })
  const url = `${values.url?.replace(/\/$/, '') ?? localUrl(loadConfig())}/livez`
  let status: number
  try {
    ;({ status } = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }))
  } catch (error) {
    throw new Failure(`No answer from ${url}: ${reasonOf(error)}`)
  }
  if (status !== 200) throw new Failure(`${url} answered ${status}.`)
  return print('alive')
}

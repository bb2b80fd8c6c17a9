import { createServer } from 'node:net'
import type { Config } from '../../src/config.ts'
import { fileLimit } from '../../src/observe/runtime.ts'
import type { Check } from '../../src/store/check.ts'
import { localUrl } from '../environment.ts'

/** The process needs so many files besides its sockets. */
const otherFiles = 200

export async function checkMachine(config: Config): Promise<Check[]> {
  const ports = config.metricsPort === null ? [config.port] : [config.port, config.metricsPort]
  return [
    nodeVersion(),
    await files(config),
    ...(await Promise.all(ports.map((port) => portFree(config, port)))),
  ]
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isEnough = major > 24 || (major === 24 && minor >= 15)
  return isEnough
    ? { level: 'ok', what: 'Node', text: process.version }
    : { level: 'fail', what: 'Node', text: `${process.version}: 24.15 or later is needed.` }
}

async function files({ wsMaxConnections }: Config): Promise<Check> {
  const what = 'open files'
  const needed = wsMaxConnections + otherFiles
  let limit: number
  try {
    limit = await fileLimit()
  } catch {
    return { level: 'ok', what, text: "this system doesn't tell its limit" }
  }
  if (limit >= needed) return { level: 'ok', what, text: `${limit} may be open` }
  const text = `${limit} may be open, too few for WS_MAX_CONNECTIONS=${wsMaxConnections}. Raise it to ${needed} (ulimit -n, LimitNOFILE).`
  return { level: 'warn', what, text }
}

async function portFree(config: Config, port: number): Promise<Check> {
  const what = `port ${port}`
  const code = await listenError(config.host, port)
  if (code === null) return { level: 'ok', what, text: 'free' }
  if (code === 'EADDRINUSE') {
    const isOurs = await fetch(`${localUrl({ ...config, port })}/livez`, {
      signal: AbortSignal.timeout(2_000),
    }).then(
      (response) => response.headers.has('x-correlation-id'),
      () => false,
    )
    return isOurs
      ? { level: 'ok', what, text: 'a chat-api service listens on it already' }
      : { level: 'fail', what, text: 'another program listens on it. Stop that one, or choose another PORT.' }
  }
  const advice =
    code === 'EACCES' ? 'Ports below 1024 need a privilege: choose a higher one.' : 'Is HOST right?'
  return { level: 'fail', what, text: `can't be opened on ${config.host} (${code}). ${advice}` }
}

/** The code of the error; null when the address can be listened on. */
function listenError(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, host, () => server.close(() => resolve(null)))
  })
}

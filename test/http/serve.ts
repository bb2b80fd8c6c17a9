import type { IncomingMessage } from 'node:http'
import { ChatError } from '../../src/domain/errors.ts'
import type { Verify } from '../../src/http/authenticate.ts'
import type { Reply } from '../../src/http/reply.ts'
import { publicRoute, type Route } from '../../src/http/route.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createLog } from '../../src/observe/log.ts'
import type { FinishedRequest } from '../../src/observe/metrics.ts'
import { ratesFor } from '../support/rates.ts'

/** A route for everybody. */
export const get = (path: string, handle: (context: { request: IncomingMessage }) => Promise<Reply>): Route =>
  publicRoute({ method: 'GET', path, name: path.slice(1), about: '', answers: {}, errors: [], handle })

type Patience = NonNullable<Parameters<typeof createHttpServer>[0]['patience']>

/** A server of these routes, with a clock that moves only when told, and what it logged and reported. */
export async function serve(
  routes: Route[],
  patience?: Patience,
  verify: Verify = () => Promise.reject(new ChatError('unauthenticated', 'nobody')),
) {
  const lines: Record<string, unknown>[] = []
  const finished: FinishedRequest[] = []
  let elapsed = 0
  const log = createLog({
    level: 'debug',
    format: 'json',
    write: (text) =>
      lines.push(
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ),
  })
  const server = createHttpServer({
    config: { host: '127.0.0.1', port: 0, corsOrigins: [], maxBody: 1_024 },
    routes: [],
    verify,
    rates: ratesFor(),
    addressOf: () => '',
    log,
    upgrade: (_request, socket) => void socket.destroy(),
    onFinished: (each) => finished.push(each),
    clock: () => elapsed,
    ...(patience && { patience }),
  })
  server.serve(routes)
  const url = await server.listen()
  return {
    server,
    url,
    finished,
    pass: (ms: number) => {
      elapsed += ms
    },
    logged: (event: string) => {
      log.flush()
      return lines.filter((line) => line.event === event)
    },
    [Symbol.asyncDispose]: () => server.close(0),
  }
}

import { htmlReply } from '../html.ts'
import { type PageFacts, withFacts } from '../page-facts.ts'
import { readPage } from '../pages.ts'
import type { Route } from '../route.ts'
import { standingRoute } from '../standing.ts'

/** The page to try the WebSocket by hand. */
export const websocketTestRoutes = (facts: PageFacts): Route[] => [
  standingRoute(
    { path: '/websocket-test', name: 'websocket_test', about: 'The page to try the WebSocket by hand' },
    htmlReply(
      withFacts(readPage('websocket-test'), facts),
      {},
      {
        // Another service can be tried from here, too.
        'connect-src': "'self' http: https: ws: wss:",
        'require-trusted-types-for': "'script'",
        'trusted-types': "'none'",
      },
    ),
  ),
]

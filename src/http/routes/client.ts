import { readText } from '../pages.ts'
import type { Route } from '../route.ts'
import { standingRoute } from '../standing.ts'

/** A page of another origin takes it, too. */
const headers = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }

/** The client library, for pages and programs anywhere. */
export const clientRoutes = (): Route[] => [
  standingRoute(
    { path: '/client.js', name: 'client.script', about: 'The client library, an ES module' },
    {
      status: 200,
      type: 'text/javascript; charset=utf-8',
      body: readText('client.js', 'throw new Error("The client is not built: run npm run build")'),
      headers,
    },
  ),
  standingRoute(
    { path: '/client.d.ts', name: 'client.types', about: 'The types of the client library' },
    { status: 200, type: 'text/plain; charset=utf-8', body: readText('client.d.ts', ''), headers },
  ),
]

import { readClient } from '../pages.ts'
import type { Reply } from '../reply.ts'
import { publicRoute, type Route } from '../route.ts'

/** The client library, for pages and programs anywhere. */
export function clientRoutes(): Route[] {
  const { script, types } = readClient()
  const file = (type: string, body: string): Reply => ({
    status: 200,
    type,
    body,
    // A page of another origin imports it, too.
    headers: { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' },
  })
  const [asScript, asTypes] = [
    file('text/javascript; charset=utf-8', script),
    file('text/plain; charset=utf-8', types),
  ]
  return [
    publicRoute({
      method: 'GET',
      path: '/client.js',
      name: 'client.script',
      about: 'The client library, an ES module',
      answers: { 200: { about: 'The module', types: ['text/javascript'] } },
      errors: [],
      handle: () => asScript,
    }),
    publicRoute({
      method: 'GET',
      path: '/client.d.ts',
      name: 'client.types',
      about: 'The types of the client library',
      answers: { 200: { about: 'TypeScript declarations', types: ['text/plain'] } },
      errors: [],
      handle: () => asTypes,
    }),
  ]
}

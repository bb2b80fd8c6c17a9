import { htmlReply, type Policy } from '../html.ts'
import { type PageFacts, withFacts } from '../page-facts.ts'
import { readBuilt, readPage, readText } from '../pages.ts'
import type { WholeReply } from '../reply.ts'
import type { Route } from '../route.ts'
import { standingRoute } from '../standing.ts'

/** It shows pictures and plays sounds, also what its user is about to send, has a worker, and makes no script or HTML out of text. */
const policy: Policy = {
  'img-src': "'self' data: blob:",
  'media-src': "'self' blob:",
  'worker-src': "'self'",
  'manifest-src': "'self'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'chat-worker',
}

/** The page to chat on. */
export const chatPage = (facts: PageFacts): WholeReply =>
  htmlReply(withFacts(readPage('chat'), facts), {}, policy)

/** What a browser needs to install the page, with its types. */
const toInstall: Readonly<Record<string, string>> = {
  'manifest.webmanifest': 'application/manifest+json',
  'icon.svg': 'image/svg+xml',
  'icon-192.png': 'image/png',
  'icon-512.png': 'image/png',
  'icon-maskable.png': 'image/png',
}

/** The page, and what a browser needs to keep it. */
export const chatPageRoutes = (page: WholeReply): Route[] => [
  standingRoute({ path: '/chat-ui', name: 'chat', about: 'The page to chat on' }, page),
  standingRoute(
    {
      path: '/chat-worker.js',
      name: 'chat.worker',
      about: "The chat page's service worker: opens it offline, shows push messages",
    },
    {
      status: 200,
      type: 'text/javascript; charset=utf-8',
      body: readText('chat-worker.js', ''),
      // A worker has a policy of its own: this one fetches the page, and nothing else.
      headers: { 'Content-Security-Policy': "default-src 'none'; connect-src 'self'" },
    },
  ),
  ...Object.entries(toInstall).map(([name, type]) =>
    standingRoute(
      { path: `/${name}`, name: `chat.${name}`, about: 'Part of the chat page where it is installed' },
      { status: 200, type, body: readBuilt(name) ?? '' },
    ),
  ),
]

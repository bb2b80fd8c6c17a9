/** Changes with the page and its icons: the build fills it in. */
declare const VERSION: string

const prefix = 'chat-page-'
const name = prefix + VERSION
/** The page stands at both addresses. */
export const page = '/chat-ui'
export const isPage = (path: string): boolean => path === page || path === '/'
const parts = ['/manifest.webmanifest', '/icon.svg', '/icon-192.png', '/icon-512.png', '/icon-maskable.png']
/** A network that has not answered by then is as good as none. */
const patienceMs = 3_000

/** Keeps the page and its icons, and gives them out when the service does not. Nothing else is kept, and nothing of the API. */
export function keepPage(worker: ServiceWorkerGlobalScope): void {
  worker.addEventListener('install', (event) => {
    event.waitUntil(keepAll().then(() => worker.skipWaiting()))
  })
  worker.addEventListener('activate', (event) => {
    event.waitUntil(forgetOthers().then(() => worker.clients.claim()))
  })
  worker.addEventListener('fetch', (event) => {
    const { method, mode, url } = event.request
    const { origin, pathname } = new URL(url)
    if (method !== 'GET' || origin !== worker.location.origin) return
    if (mode === 'navigate' && isPage(pathname)) event.respondWith(open(event))
    else if (parts.includes(pathname)) event.respondWith(part(event.request))
  })
}

async function keepAll(): Promise<void> {
  const cache = await caches.open(name)
  await cache.addAll([page, ...parts].map((path) => new Request(path, { cache: 'reload' })))
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names.filter((each) => each.startsWith(prefix) && each !== name).map((each) => caches.delete(each)),
  )
}

/** The service's own page, which is kept from then on; where it does not answer, or with an error of a proxy, the one that was kept. */
async function open(event: FetchEvent): Promise<Response> {
  const cache = await caches.open(name)
  const fetched = fetch(page, { cache: 'no-cache' }).then(async (answer) => {
    if (isWhole(answer)) await cache.put(page, answer.clone())
    return answer
  })
  event.waitUntil(fetched.catch(() => undefined))
  const kept = await cache.match(page)
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs))
  const answer = await (kept ? Promise.race([fetched, late]) : fetched).catch(() => undefined)
  if (answer && isWhole(answer)) return answer
  // The page was left out, or somebody in between wants something first: that is for the browser to see.
  if (answer && answer.status < 500) return fetch(event.request)
  return kept ?? Response.error()
}

const isWhole = ({ ok, redirected }: Response): boolean => ok && !redirected

async function part(request: Request): Promise<Response> {
  const kept = await (await caches.open(name)).match(request)
  return kept ?? fetch(request)
}

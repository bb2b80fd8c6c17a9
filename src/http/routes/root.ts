import { type Static, Type } from 'typebox'
import { htmlReply } from '../html.ts'
import { openApi } from '../openapi.ts'
import { jsonReply, type WholeReply } from '../reply.ts'
import { publicRoute, type Route } from '../route.ts'
import { standing } from '../standing.ts'

const Index = Type.Object(
  { name: Type.String(), version: Type.String(), links: Type.Record(Type.String(), Type.String()) },
  { title: 'Index' },
)

const style = `
:root { color-scheme: light dark }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem }
`

/** What a newcomer sees first. `links`: paths by what is there; `page`: what a browser gets, an index of its own where there is none. */
export function rootRoutes({
  version,
  links,
  page,
}: {
  version: string
  links: Readonly<Record<string, string>>
  page: WholeReply | null
}): Route[] {
  const index: Static<typeof Index> = { name: 'chat-api', version, links }
  const vary = { Vary: 'Accept, Origin' }
  const { headers, ...rest } = page ?? htmlReply(indexPage(index))
  const html = standing({ ...rest, headers: { ...headers, ...vary } })
  return [
    publicRoute({
      method: 'GET',
      path: '/',
      name: 'root',
      about: 'Name, version and links; for a browser the page to chat on, or the same as a page',
      answers: {
        200: { about: 'The index', schema: Index, types: ['application/json', 'text/html'] },
        304: { about: 'The page is as `If-None-Match` has it' },
      },
      errors: [],
      handle: ({ request }) =>
        wantsHtml(request.headers.accept) ? html(request) : jsonReply(200, index, vary),
    }),
  ]
}

/** The document of these routes, and of its own. */
export function openApiRoutes(others: readonly Route[], info: { version: string; prefix: string }): Route[] {
  const route: Route = publicRoute({
    method: 'GET',
    path: '/openapi.json',
    name: 'openapi',
    about: 'The OpenAPI document',
    answers: { 200: { about: 'OpenAPI 3.1', schema: Type.Object({}) } },
    errors: [],
    handle: () => ({ status: 200, type: 'application/json', body }),
  })
  const body = JSON.stringify(openApi([...others, route], info))
  return [route]
}

/** Browsers name HTML first of all; programs name JSON, anything, or nothing. */
const wantsHtml = (accept = ''): boolean => accept.trimStart().toLowerCase().startsWith('text/html')

const indexPage = ({ name, version, links }: Static<typeof Index>): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${escapeHtml(name)}</title>
<style>${style}</style>
<h1>${escapeHtml(name)} ${escapeHtml(version)}</h1>
<ul>${Object.entries(links)
  .map(
    ([what, path]) =>
      `\n<li><a href="${escapeHtml(path)}">${escapeHtml(what)}</a> <code>${escapeHtml(path)}</code>`,
  )
  .join('')}
</ul>
</html>
`

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname
const chat = join(here, '../../../dashboard/chat')

const bundled = async (file: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'iife',
    charset: 'utf8',
  })
  return outputFiles[0]?.text ?? ''
}

const html = `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Timeline</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css"><link rel="stylesheet" href="/place.css">
<main id="place" aria-label="general"></main><script src="/scene.js"></script></html>`

const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><linearGradient id="g">
<stop stop-color="#667eea"/><stop offset="1" stop-color="#764ba2"/></linearGradient>
<rect width="800" height="400" fill="url(#g)"/></svg>`

/** Serves the scene as a page, as the service serves its pages: what it asks of others is refused. */
export async function serveScene(): Promise<{ url: string; [Symbol.asyncDispose](): Promise<void> }> {
  const [script, style] = await Promise.all([
    bundled(join(here, 'scene.ts')),
    bundled(join(chat, 'page.css')),
  ])
  const files: Record<string, [type: string, body: string | Uint8Array]> = {
    '/': ['text/html', html],
    '/scene.js': ['text/javascript', script],
    '/page.css': ['text/css', style],
    '/place.css': ['text/css', '#place { display: flex; flex-direction: column; height: 100dvh }'],
    '/picture': ['image/svg+xml', picture],
  }
  const server = createServer((request, response) => {
    const [type, body] = files[request.url?.split('?')[0] ?? ''] ?? []
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; require-trusted-types-for 'script'",
    )
    if (!type) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

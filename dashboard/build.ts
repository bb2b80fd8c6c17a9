import { createHash } from 'node:crypto'
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { minify } from 'terser'
import { type PageParts, shell } from './parts/shell.ts'

/**
 * Makes dist/: the service in a few files that need nothing beside them, and each page of this folder as one file that
 * asks nobody for anything, with its stylesheet and its script in it. All of it is made aside and then put in place file
 * by file, so that a process that starts meanwhile never reads half a file.
 */
const source = import.meta.dirname
const root = join(source, '..')
const target = join(root, 'dist')

/** What makes the chat page one that can be installed: its manifest and icons. draw.ts made the pictures of icon.svg. */
const installed = join(source, 'installed')
const icon = readFileSync(join(installed, 'icon.svg'), 'utf8').replaceAll('\n', '')

/** What some pages have beyond the others. */
const special: Readonly<Record<string, Partial<PageParts>>> = {
  chat: { icon, themeColor: '#667eea', hasFacts: true },
  'websocket-test': { icon, hasFacts: true },
}

async function bundleService(folder: string): Promise<void> {
  await build({
    entryPoints: [
      join(root, 'bin/chat-api.ts'),
      join(root, 'bin/cli.ts'),
      join(root, 'src/store/sqlite/writer.ts'),
      join(root, 'src/store/sqlite/engine/checker.ts'),
      join(root, 'src/auth/password-thread.ts'),
    ],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    outdir: folder,
    entryNames: '[name]',
    logLevel: 'warning',
    sourcemap: 'linked',
    // CommonJS packages in the bundle ask for Node's own modules by `require`.
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
  })
}

async function bundled(file: string, define: Record<string, string> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(source, file)],
    bundle: true,
    minify: true,
    write: false,
    define,
    format: 'iife',
    // The page says that it is UTF-8: an emoji takes four bytes, not the nine or more of its escape.
    charset: 'utf8',
    target: ['es2023', 'chrome120', 'firefox120', 'safari17'],
    logLevel: 'warning',
  })
  const text = outputFiles[0]?.text.trim() ?? ''
  return file.endsWith('.css') ? text : renamed(text)
}

/** The names that esbuild gives within functions compress less well: it is a thirtieth of what a browser loads. */
async function renamed(script: string): Promise<string> {
  const { code = '' } = await minify(script, { compress: false, mangle: true })
  return code.trim()
}

/** A page's folder has its title and body in page.html, and page.css and page.ts beside it. */
async function bundlePage(name: string): Promise<string> {
  const html = readFileSync(join(source, name, 'page.html'), 'utf8')
  const [, title, body] = /^<title>([^<]*)<\/title>\n(<body.*<\/body>)\n$/s.exec(html) ?? []
  if (title === undefined || body === undefined)
    throw new Error(`dashboard/${name}/page.html must be its title element, and then its body element`)
  const [style, script] = await Promise.all([bundled(`${name}/page.css`), bundled(`${name}/page.ts`)])
  return shell({ title, body, style, script, ...special[name] })
}

/** The client library: one module for browsers and Node, and its types, which need nothing else. */
async function bundleClient(folder: string): Promise<void> {
  await build({
    entryPoints: [join(root, 'src/client/client.ts')],
    bundle: true,
    minify: true,
    outfile: join(folder, 'client.js'),
    format: 'esm',
    target: ['es2023', 'chrome120', 'firefox120', 'safari17'],
    logLevel: 'warning',
  })
  copyFileSync(join(root, 'src/client/types.ts'), join(folder, 'client.d.ts'))
}

/** The chat page's service worker and what it keeps beside the page. Its version changes with all of that, so that browsers take the new one. */
async function bundleWorker(folder: string): Promise<void> {
  const hash = createHash('sha256').update(readFileSync(join(folder, 'chat.html')))
  for (const file of readdirSync(installed).filter((name) => !name.endsWith('.ts'))) {
    copyFileSync(join(installed, file), join(folder, file))
    hash.update(readFileSync(join(installed, file)))
  }
  const VERSION = JSON.stringify(hash.digest('hex').slice(0, 12))
  writeFileSync(join(folder, 'chat-worker.js'), await bundled('chat-worker/worker.ts', { VERSION }))
}

async function bundlePages(folder: string): Promise<void> {
  for (const file of globSync('*/page.html', { cwd: source })) {
    const name = dirname(file)
    writeFileSync(join(folder, `${name}.html`), await bundlePage(name))
  }
  await bundleWorker(folder)
}

mkdirSync(target, { recursive: true })
const aside = mkdtempSync(join(target, '.next-'))
try {
  await Promise.all([bundleService(aside), bundlePages(aside), bundleClient(aside)])
  // The file that is started is put in place last, when the files that it loads are there.
  const files = readdirSync(aside).sort((a, b) => Number(a === 'chat-api.js') - Number(b === 'chat-api.js'))
  for (const file of files) renameSync(join(aside, file), join(target, file))
  // This one is opened from disk as well, where people look for it.
  copyFileSync(join(target, 'websocket-test.html'), join(source, 'websocket-test.html'))
} finally {
  rmSync(aside, { recursive: true, force: true })
}

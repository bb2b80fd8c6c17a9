import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import { root, temporaryFolder } from './process.ts'

let made: URL | undefined

/**
 * The writer of the SQLite store as one file of JavaScript, made of the sources as they are when it is asked for first. A
 * thread that loads it starts with a seventh of the work that the many TypeScript files take, and nearly each test starts one.
 */
export function writerFile(): URL {
  if (made) return made
  const { path } = temporaryFolder()
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  const outfile = join(path, 'writer.js')
  buildSync({
    entryPoints: [join(root, 'src/store/sqlite/writer.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: 'inline',
    logLevel: 'warning',
  })
  made = pathToFileURL(outfile)
  return made
}

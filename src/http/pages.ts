import { readFileSync } from 'node:fs'

/** The client library, `client.js` and its types, as `npm run build` made them. */
export const readClient = (): { script: string; types: string } => ({
  script: readBuilt('client.js', 'throw new Error("The client is not built: run npm run build")'),
  types: readBuilt('client.d.ts', ''),
})

/** A page that `npm run build` made out of dashboard/: beside the built file, or in dist/ when run from the sources. */
export const readPage = (name: string): string =>
  readBuilt(
    `${name}.html`,
    '<!doctype html><title>Not built</title><p>This page is not built: run <code>npm run build</code>.',
  )

function readBuilt(file: string, otherwise: string): string {
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/' : './'
  try {
    return readFileSync(new URL(`${folder}${file}`, import.meta.url), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return otherwise
  }
}

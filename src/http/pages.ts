import { readFileSync } from 'node:fs'

/** A page that `npm run build` made out of dashboard/: beside the built file, or in dist/ when run from the sources. */
export function readPage(name: string): string {
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/' : './'
  try {
    return readFileSync(new URL(`${folder}${name}.html`, import.meta.url), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return '<!doctype html><title>Not built</title><p>This page is not built: run <code>npm run build</code>.'
  }
}

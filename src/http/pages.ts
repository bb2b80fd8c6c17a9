import { readFileSync } from 'node:fs'

/** A page that `npm run build` made out of dashboard/. */
export const readPage = (name: string): string =>
  readText(
    `${name}.html`,
    '<!doctype html><title>Not built</title><p>This page is not built: run <code>npm run build</code>.',
  )

/** A file of text that `npm run build` made; `otherwise` where it did not. */
export const readText = (file: string, otherwise: string): string => readBuilt(file)?.toString() ?? otherwise

/** What `npm run build` made: beside the built file, or in dist/ when run from the sources. null where it did not. */
export function readBuilt(file: string): Buffer | null {
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/' : './'
  try {
    return readFileSync(new URL(`${folder}${file}`, import.meta.url))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return null
  }
}

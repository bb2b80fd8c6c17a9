import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

/**
 * Makes each page of this folder one file in dist/ that asks nobody for anything: its stylesheet and its script, with
 * all that they import, stand in it.
 */
const source = import.meta.dirname
const target = join(source, '../dist')

async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(source, file)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['es2023', 'chrome120', 'firefox120', 'safari17'],
    logLevel: 'warning',
  })
  return outputFiles[0]?.text.trim() ?? ''
}

async function replaced(page: string, pattern: RegExp, element: string): Promise<string> {
  const [match, file = ''] = pattern.exec(page) ?? []
  if (match === undefined) return page
  const text = await bundled(file)
  return page.replace(match, () => `<${element}>${text}</${element}>`)
}

mkdirSync(target, { recursive: true })
for (const file of globSync('*.html', { cwd: source })) {
  const page = readFileSync(join(source, file), 'utf8')
  const styled = await replaced(page, /<link rel="stylesheet" href="([\w.-]+\.css)" ?\/?>/, 'style')
  const whole = await replaced(styled, /<script type="module" src="([\w.-]+\.ts)"><\/script>/, 'script')
  writeFileSync(join(target, basename(file)), whole)
}

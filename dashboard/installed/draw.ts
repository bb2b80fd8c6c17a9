import { readFileSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

/**
 * Draws the PNG icons from icon.svg, by Chromium. They are kept in the repository, as they change with the SVG alone:
 *
 *   node dashboard/installed/draw.ts
 *
 * A maskable icon fills its square, and whoever shows it cuts off up to a tenth on each side: so it has no corners, and its
 * picture is smaller.
 */
const folder = import.meta.dirname
const svg = readFileSync(`${folder}/icon.svg`, 'utf8')
const maskable = svg
  .replace(/ rx="\d+"/, '')
  .replace(/(<path.*)<\/svg>/s, '<g transform="translate(8 8) scale(.75)">$1</g></svg>')

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' })
const page = await browser.newPage()

async function draw(picture: string, size: number, file: string): Promise<void> {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: 100vw }</style>${picture}`)
  writeFileSync(`${folder}/${file}`, await page.screenshot({ omitBackground: true }))
}

await draw(svg, 192, 'icon-192.png')
await draw(svg, 512, 'icon-512.png')
await draw(maskable, 512, 'icon-maskable.png')
await browser.close()

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** Where pictures of what is looked at are put, for eyes. */
const pictures = process.env.PICTURES

const widths = [1_440, 360]
const schemes = ['light', 'dark'] as const

/** Looks at a page in each of its states, and keeps what is wrong with it. Its context has to bypass the page's policy. */
export interface Looking {
  /** Wide and on a phone, light and dark. */
  at(state: string, page: Page, only?: readonly number[]): Promise<void>
  findsNothing(): void
}

export function createLooking(): Looking {
  const found: string[] = []

  /** Where only the colours are others, only they are looked at again. */
  async function look(page: Page, label: string, onlyColours: boolean): Promise<void> {
    await page.evaluate(async () => {
      // A page hears of another window and of other colours in its next frame; what fades in is looked at when it is there.
      for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished))
    })
    if (pictures) {
      mkdirSync(pictures, { recursive: true })
      await page.screenshot({ path: join(pictures, `${label.replaceAll(' ', '-')}.png`) })
    }
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.addScriptTag({ content: axe })
    const options: RunOptions = onlyColours
      ? { runOnly: ['color-contrast'], resultTypes: ['violations'] }
      : { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] }
    const results = await page.evaluate(async (chosen) => {
      const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }
      return axe.run(chosen)
    }, options)
    for (const { id, nodes } of results.violations)
      for (const { html, failureSummary = '' } of nodes)
        found.push(
          `${label}: ${id}: ${html.slice(0, 200)} (${failureSummary.replace(/\s+/g, ' ').slice(0, 250)})`,
        )
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (beyond > 0) found.push(`${label}: ${beyond} pixels stick out`)
    const outside = await page.evaluate(
      () =>
        [...document.querySelectorAll('dialog[open], :popover-open')].filter((box) => {
          const { left, right, top, bottom } = box.getBoundingClientRect()
          return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight
        }).length,
    )
    if (outside) found.push(`${label}: what was opened lies outside the window`)
  }

  return {
    async at(state, page, only = widths) {
      const before = page.viewportSize()
      for (const width of only) {
        await page.setViewportSize({ width, height: width < 720 ? 740 : 900 })
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme })
          await look(page, `${state} ${width} ${colorScheme}`, colorScheme === 'dark')
        }
      }
      await page.emulateMedia({ colorScheme: 'light' })
      if (before) await page.setViewportSize(before)
    },
    findsNothing: () => assert.equal(found.join('\n'), ''),
  }
}

import type { Locator, Page } from 'playwright-core'
import { eventually } from '../support/eventually.ts'

/** The chat page as people and screen readers know it: by roles and names. */
export interface ChatPage {
  readonly page: Page
  readonly groups: Locator
  readonly main: Locator
  readonly log: Locator
  readonly articles: Locator
  readonly input: Locator
  readonly connection: Locator
  /** The link of a group in the list. Its name begins so. */
  link(name: string): Locator
  /** The messages with this text. */
  message(text: string | RegExp): Locator
  /** Shows the group by a click on its link. */
  show(name: string): Promise<void>
  /** Types the text, sends it by Enter, and sees it. */
  say(text: string): Promise<Locator>
  /** Presses this button of a message's toolbar. */
  use(message: Locator, button: string): Promise<void>
  /** Presses this emoji in the open dialog. */
  choose(emoji: string): Promise<void>
  people(): Promise<Locator>
  /** Opens the menu of this person, and takes this item of it. */
  manage(person: string, item: string): Promise<void>
  account(name: string): Promise<Locator>
  search(words: string): Promise<Locator>
  /** Scrolls the messages so far down, in pixels. */
  scrollTo(top: number): Promise<void>
  /** Those of these texts that messages show, in the order on the page, each as often as it stands there. */
  shown(texts: readonly string[]): Promise<string[]>
  /** Waits until all of these are shown, in this order, each once. */
  shows(texts: readonly string[]): Promise<void>
  connectionIs(state: 'online' | 'away'): Promise<void>
}

const escaped = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
export const beginning = (text: string): RegExp => new RegExp(`^\\s*${escaped(text)}(?![\\p{L}\\d])`, 'u')

export const inSight = (message: Locator): Promise<void> =>
  eventually('it is in sight', () =>
    message.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect()
      return top >= 0 && bottom <= innerHeight
    }),
  )

/** Writes `name 0`, `name 1` and so on, as fast as it goes. */
export async function burst({ input }: ChatPage, name: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await input.fill(`${name} ${i}`)
    await input.press('Enter')
  }
}

export function chatOn(page: Page): ChatPage {
  const groups = page.getByRole('navigation', { name: 'Groups' })
  const main = page.getByRole('main')
  const log = main.getByRole('log', { name: 'Messages' })
  const articles = log.getByRole('article')
  const input = main.getByRole('textbox', { name: 'Message', exact: true })
  const connection = page.getByRole('status', { name: 'Connection' })
  const link = (name: string) => groups.getByRole('link', { name: beginning(name) })
  const message = (text: string | RegExp) => articles.filter({ hasText: text })
  const people = page.getByRole('complementary', { name: 'People' })

  const shown = async (texts: readonly string[]): Promise<string[]> =>
    (await articles.allInnerTexts()).flatMap((article) => {
      const lines = article.split('\n').map((line) => line.trim())
      return texts.filter((text) => lines.includes(text))
    })

  const openPeople = async (): Promise<Locator> => {
    if (!(await people.isVisible())) await main.getByRole('button', { name: /people/i }).click()
    await people.waitFor()
    return people
  }

  return {
    page,
    groups,
    main,
    log,
    articles,
    input,
    connection,
    link,
    message,
    async show(name) {
      await link(name).click()
      await main.getByRole('heading', { name, exact: true }).waitFor()
      await input.waitFor()
    },
    async say(text) {
      await input.fill(text)
      await input.press('Enter')
      const said = message(text).last()
      await said.waitFor()
      return said
    },
    async use(article, button) {
      await article.hover()
      await article.getByRole('button', { name: button, exact: true }).click()
    },
    async choose(emoji) {
      await page
        .getByRole('dialog', { name: 'Emoji' })
        .getByRole('button', { name: emoji, exact: true })
        .first()
        .click()
    },
    people: openPeople,
    async manage(person, item) {
      const panel = await openPeople()
      await panel.getByRole('button', { name: beginning(person) }).click()
      await page.getByRole('menuitem', { name: item, exact: true }).click()
    },
    async account(name) {
      await page
        .getByRole('button', { name: beginning(name) })
        .first()
        .click()
      const menu = page.getByRole('menu')
      await menu.waitFor()
      return menu
    },
    async search(words) {
      const box = page.getByRole('searchbox', { name: 'Search', exact: true })
      await box.fill(words)
      await box.press('Enter')
      const results = page.getByRole('region', { name: 'Search results' })
      await results.waitFor()
      return results
    },
    scrollTo: (top) => log.evaluate((element, to) => element.scrollTo(0, to), top),
    shown,
    async shows(texts) {
      let last: string[] = []
      const isSo = async () => {
        last = await shown(texts)
        return last.join('\n') === texts.join('\n')
      }
      await eventually('', isSo, 20_000).catch(() => {
        throw new Error(`the page shows ${JSON.stringify(last)}, not ${JSON.stringify(texts)}`)
      })
    },
    async connectionIs(state) {
      const words = state === 'online' ? /online/i : /reconnecting|offline/i
      await connection.filter({ hasText: words }).waitFor({ state: 'attached', timeout: 40_000 })
    },
  }
}

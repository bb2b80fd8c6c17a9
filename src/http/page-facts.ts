/** What the chat page and the tester learn of the service that they come from: they stand in the page, so that nothing has to be asked first. */
export interface PageFacts {
  /** What the paths of the API begin with. */
  readonly prefix: string
  /** Whether users register and log in here; else they come with a token. */
  readonly accounts: boolean
  readonly environment: 'development' | 'production'
  /** Whom anybody may log in as: in development alone. */
  readonly testUsers: readonly { readonly username: string; readonly password: string }[]
  /** Whether browsers can be told by push messages. */
  readonly push: boolean
  /** Whether there is the tester. */
  readonly websocketTest: boolean
  /** The group that the page opens with, once it is there; null: none. */
  readonly home: { readonly id: string; readonly name: string } | null
  readonly version: string
}

/** As the build leaves it: a page that nobody serves knows nothing. */
const unknown = '<script type="application/json" id="service">null</script>'

/** The page with the facts in their place. A `<` would end the element. */
export const withFacts = (html: string, facts: PageFacts): string =>
  html.replace(unknown, () => unknown.replace('null', () => JSON.stringify(facts).replaceAll('<', '\\u003c')))

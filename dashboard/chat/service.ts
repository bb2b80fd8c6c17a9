/** What the service tells its page, in the page: the page then has to ask nothing before it is shown. */
export interface ServiceFacts {
  /** What the API's paths begin with. */
  readonly prefix: string
  /** There are accounts: a name and a password log in. Else a token does. */
  readonly accounts: boolean
  readonly environment: string
  /** Of a service in development, where everybody may know them. */
  readonly testUsers: readonly { readonly username: string; readonly password: string }[]
  /** Browsers of people who are away are told. */
  readonly push: boolean
  readonly websocketTest: boolean
}

const unsaid: ServiceFacts = {
  prefix: '/api/chat',
  accounts: true,
  environment: 'production',
  testUsers: [],
  push: false,
  websocketTest: false,
}

export function readFacts(page: Document): ServiceFacts {
  const text = page.getElementById('service')?.textContent
  return text ? { ...unsaid, ...(JSON.parse(text) as Partial<ServiceFacts>) } : unsaid
}

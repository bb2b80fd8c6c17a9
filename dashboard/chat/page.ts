import { find } from '../parts/elements.ts'
import { createTheme } from './account/theme.ts'
import { readAddress } from './address.ts'
import { readFacts } from './service.ts'
import { createAccounts } from './session/accounts.ts'
import { browserKeeping } from './session/keeping.ts'
import { createLogIn } from './session/log-in.ts'
import { aloneIn, createSession } from './session/session.ts'

const facts = readFacts(document)
const keeping = browserKeeping()
createTheme(keeping)
const session = createSession({
  accounts: createAccounts((...request) => fetch(...request), facts.prefix),
  keeping,
  now: Date.now,
  alone: aloneIn(navigator.locks),
})
addEventListener('storage', session.look)

/** What is shown now ends with it. */
let shown = new AbortController()

session.user.listen((user) => {
  shown.abort()
  shown = new AbortController()
  const { signal } = shown
  if (user === null)
    find('page').replaceChildren(
      createLogIn({ session, facts, isInvited: readAddress(location.hash).invite !== null }, signal),
    )
  else find('page').replaceChildren()
})

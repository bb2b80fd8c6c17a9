import { find } from '../parts/elements.ts'
import { readFacts } from '../parts/service.ts'
import { registerWorker } from '../parts/worker.ts'
import { createTheme } from './account/theme.ts'
import { readAddress, withoutToken } from './address.ts'
import { createChat } from './chat.ts'
import { createChatModel } from './model/model.ts'
import { createAccounts } from './session/accounts.ts'
import { browserKeeping, keepingOf } from './session/keeping.ts'
import { createLogIn } from './session/log-in.ts'
import { aloneIn, createSession, type SessionUser } from './session/session.ts'

const facts = readFacts() ?? nobodysFacts()
const keeping = browserKeeping()
const theme = createTheme(keeping)
const worker = registerWorker()
const session = createSession({
  accounts: createAccounts((...request) => fetch(...request), facts.prefix),
  keeping,
  now: Date.now,
  alone: aloneIn(navigator.locks),
})

/** A service that refuses what it has just given is not asked for ever. */
const soonMs = 10_000
let renewedAt = 0
/** What is shown now ends with it. */
let shown = new AbortController()

function show(user: SessionUser | null): void {
  shown.abort()
  shown = new AbortController()
  for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  const { signal } = shown
  find('page').replaceChildren(user ? chatOf(user, signal) : logIn(signal))
}

const logIn = (signal: AbortSignal): HTMLElement =>
  createLogIn({ session, facts, isInvited: readAddress(location.hash).invite !== null }, signal)

function chatOf(user: SessionUser, signal: AbortSignal): HTMLElement {
  const own = keepingOf(keeping, user.id)
  const model = createChatModel({
    url: location.origin,
    token: session.token,
    keeping: own,
    library: { prefix: facts.prefix },
    onClosed: (closed) => void (closed && !signal.aborted && refused(closed.detail)),
  })
  signal.addEventListener('abort', () => model.close())
  return createChat(
    { model, user, keeping: own, facts, theme, worker, logOut: () => void session.logOut() },
    signal,
  )
}

/** The service wants the token no more. The session may go on with another one. */
async function refused(sentence: string): Promise<void> {
  if (Date.now() - renewedAt < soonMs) return session.end(sentence)
  renewedAt = Date.now()
  if (await session.renew(sentence)) show(session.user.value)
}

/** A token in the address is of no use to whoever looks over one's shoulder, or at the history. */
async function takeToken(): Promise<void> {
  const { token } = readAddress(location.hash)
  if (token === null) return
  history.replaceState(null, '', `${location.pathname}${withoutToken(location.hash)}`)
  try {
    await session.useToken(token)
  } catch (error) {
    session.end((error as Error).message)
  }
}

function nobodysFacts(): never {
  throw new Error('This page works only where a service serves it.')
}

addEventListener('storage', session.look)
addEventListener('hashchange', () => void takeToken())
void takeToken().then(() => session.user.listen(show))

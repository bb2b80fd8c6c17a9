import { testUsers } from '../../src/domain/test-user.ts'
import { copyText } from '../parts/clipboard.ts'
import { element, find, setLevel, setText } from '../parts/elements.ts'
import { readFacts } from '../parts/service.ts'
import { type Api, apis, fill } from './apis.ts'
import { closeMeaning } from './close-codes.ts'
import { createFrameLog } from './frame-log.ts'
import { jsonMistake } from './json-mistake.ts'
import { createKnown } from './known.ts'
import { explainRefusal, sentenceOf } from './refusal.ts'

const facts = readFacts()
/** A page that was opened from disk begins with the service that `npm start` runs. */
const service = facts ? location.origin : 'http://127.0.0.1:8001'
const prefix = facts?.prefix ?? '/api/chat'
const hasTestUsers = facts ? facts.environment === 'development' && facts.accounts : true

const url = find<HTMLInputElement>('url')
const token = find<HTMLInputElement>('token')
const api = find<HTMLSelectElement>('api')
const connect = find<HTMLButtonElement>('connect')
const template = find<HTMLSelectElement>('template')
const json = find<HTMLTextAreaElement>('json')
const mistake = find('mistake')
const log = createFrameLog(() => new Date())
find('log').append(log.element)

const known = createKnown(Date.now())
let socket: WebSocket | null = null
/** The template as it was filled in: it is filled in anew, as more is known, until somebody changes it. */
let filled = ''

const chosen = (): Api => apis.find(({ name }) => name === api.value) ?? (apis[0] as Api)

function say(state: string, level: 'green' | 'orange' | 'red' | null): void {
  setText(find('state'), state)
  setLevel(find('lamp'), level)
  setText(connect, socket ? 'Disconnect' : 'Connect')
}

/** The address without a token in it, which nobody else should see. */
const shown = (address: string): string => address.replace(/([?&]token=)[^&]*/, '$1…')

function open(): void {
  const address = url.value.trim().replace(/^http/, 'ws')
  const given = token.value.trim()
  let opening: WebSocket
  try {
    opening = new WebSocket(address, ['chat.v1', ...(given ? [`bearer.${given}`] : [])])
  } catch (error) {
    // A token is sent as a subprotocol, which takes the characters of tokens alone; and the address must be one.
    return log.note('refused', `This browser does not even try: ${(error as Error).message}`)
  }
  socket = opening
  let wasOpen = false
  say('connecting', 'orange')
  opening.onopen = () => {
    wasOpen = true
    log.note('opened', `${shown(address)}${opening.protocol && ` by ${opening.protocol}`}`)
    say('connected', 'green')
  }
  opening.onmessage = ({ data }) => {
    log.frame('received', String(data))
    if (!jsonMistake(String(data))) known.hear(JSON.parse(String(data)))
    if (json.value === filled) fillIn()
  }
  opening.onclose = async ({ code, reason }) => {
    const isLost = socket === opening
    if (isLost) socket = null
    log.note('closed', `${closeMeaning(code)}${reason && ` (${reason})`}`)
    if (!socket) say(`closed with ${code}`, isLost && !wasOpen ? 'red' : null)
    if (isLost && !wasOpen) log.note('refused', await explainRefusal(address, given))
  }
}

function leave(open: WebSocket): void {
  socket = null
  open.close(1000)
  say('closing', 'orange')
}

function offerFrames(): void {
  template.replaceChildren(
    ...Object.keys(chosen().frames).map((type) => element('option', { value: type }, type)),
  )
  fillIn()
}

function fillIn(): void {
  filled = fill(chosen(), template.value, known.now(token.value.trim()))
  json.value = filled
  setText(mistake, '')
}

function send(): void {
  const text = json.value.trim()
  const found = jsonMistake(text)
  if (found) {
    const offset = json.value.indexOf(text) + found.at
    setText(mistake, `Line ${found.line}, column ${found.column}: ${found.text}. Nothing was sent.`)
    json.focus()
    return json.setSelectionRange(offset, Math.min(offset + 1, json.value.length))
  }
  if (socket?.readyState !== WebSocket.OPEN) return setText(mistake, 'Not connected: nothing was sent.')
  setText(mistake, '')
  const frame = JSON.stringify(JSON.parse(text))
  socket.send(frame)
  log.frame('sent', frame)
  known.sent()
  if (json.value === filled) fillIn()
}

async function logIn(username: string, password: string): Promise<void> {
  const origin = URL.parse(url.value.trim())?.origin.replace(/^ws/, 'http') ?? service
  try {
    const answer = await fetch(`${origin}/api/auth/login`, {
      method: 'POST',
      body: new URLSearchParams({ username, password }),
    })
    if (!answer.ok) return log.note('refused', `No token of ${username}: ${await sentenceOf(answer)}`)
    token.value = ((await answer.json()) as { access_token: string }).access_token
  } catch {
    log.note('refused', `No token of ${username}: ${origin} does not answer this page.`)
  }
}

api.append(...apis.map(({ name }) => element('option', { value: name }, name)))
url.value = service.replace(/^http/, 'ws') + chosen().socketPath(prefix)
if (hasTestUsers)
  find('users').append(
    ...testUsers.map(({ username, password }) =>
      element(
        'button',
        { type: 'button', onclick: () => void logIn(username, password) },
        `Token of ${username}`,
      ),
    ),
  )
offerFrames()

api.addEventListener('change', () => {
  url.value = service.replace(/^http/, 'ws') + chosen().socketPath(prefix)
  offerFrames()
})
template.addEventListener('change', fillIn)
find<HTMLFormElement>('socket').addEventListener('submit', (event) => {
  event.preventDefault()
  if (socket) leave(socket)
  else open()
})
find<HTMLFormElement>('frame').addEventListener('submit', (event) => {
  event.preventDefault()
  send()
})
json.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  event.preventDefault()
  send()
})
find('copy').addEventListener('click', async () => {
  const done = await copyText(log.text())
  setText(find('copied'), done ? 'copied' : 'this browser does not let a page copy')
})

// A receiver of webhooks without any package: WEBHOOK_SECRET=whsec_... PORT=8002 node webhook-receiver.mjs
// It checks who calls and when, takes each event once, and prints what it would hand to a push gateway.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const key = Buffer.from((process.env.WEBHOOK_SECRET ?? '').replace(/^whsec_/, ''), 'base64')
const toleranceSeconds = 5 * 60
const mostBytes = 1024 * 1024

/** The ids of what was taken already: the same event may come again. A receiver that must not forget keeps them in its database. */
const taken = new Set()

/** Whether the body was signed with our key, a moment ago. */
function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures = '' } = headers
  if (!(Math.abs(Date.now() / 1000 - Number(seconds)) < toleranceSeconds)) return false
  const expected = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest()
  // While a key is being changed there may be several signatures.
  return signatures.split(' ').some((each) => {
    const given = Buffer.from(each.replace(/^v1,/, ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

function handle({ type, data }) {
  if (type !== 'new_message') return console.log(type, data.group_id)
  const { sender, content } = data.message
  for (const userId of data.offline_user_ids)
    console.log(`push to ${userId}: ${sender.display_name}: ${content}`)
}

const server = createServer(async (request, response) => {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > mostBytes) return response.writeHead(413).end()
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  if (!isGenuine(request.headers, body.toString())) return response.writeHead(401).end()
  const id = request.headers['webhook-id']
  if (!taken.has(id)) handle(JSON.parse(body.toString()))
  taken.add(id)
  // Any 2xx means: taken. Anything else, or nothing within ten seconds, and the event comes again.
  response.writeHead(204).end()
})

server.listen(process.env.PORT ?? 8002, '127.0.0.1', () => console.log(`listens on ${server.address().port}`))

/** A browser does not tell why a handshake was refused: so the same is asked over REST. Resolves with a few sentences. */
export async function explainRefusal(address: string, token: string): Promise<string> {
  const socket = URL.parse(address)
  const [, prefix, groupId] = /^(.*)\/ws(?:\/([^/]+))?\/?$/.exec(socket?.pathname ?? '') ?? []
  if (!socket || prefix === undefined)
    return 'The path of the URL does not end with /ws, or /ws/ and the id of a group.'
  const origin = socket.origin.replace(/^ws/, 'http')
  const after =
    groupId && socket.searchParams.has('after') ? `&after=${socket.searchParams.get('after')}` : ''
  const path = groupId === undefined ? '/users/me' : `/groups/${groupId}/events?limit=1${after}`
  const known = token || socket.searchParams.get('token') || ''
  try {
    const answer = await fetch(`${origin}${prefix}${path}`, {
      headers: known ? { authorization: `Bearer ${known}` } : {},
    })
    if (!answer.ok) return `REST says why: ${await sentenceOf(answer)}`
    return `REST takes this token: GET ${prefix}${path} answered ${answer.status}. So it may be a parameter of the URL, too many connections, or a proxy that passes no upgrade.`
  } catch {
    if (!(await isReachable(origin)))
      return `${origin} does not answer: is the service there, and the address right?`
    // Browsers send this one for a page that was opened from disk, whatever the page itself is told.
    const own = location.protocol === 'file:' ? 'null' : location.origin
    return `${origin} answers, but not to pages of this origin: add ${JSON.stringify(own)} to its CORS_ORIGINS.`
  }
}

/** `401 unauthenticated: The token has expired.` */
export async function sentenceOf(answer: Response): Promise<string> {
  const { code, detail } = await answer.json().catch(() => ({}))
  return [`${answer.status}${code ? ` ${code}` : ''}`, detail ?? answer.statusText].filter(Boolean).join(': ')
}

/** What such an answer says stays hidden, but that there was one does not. */
const isReachable = (origin: string): Promise<boolean> =>
  fetch(`${origin}/livez`, { mode: 'no-cors' }).then(
    () => true,
    () => false,
  )

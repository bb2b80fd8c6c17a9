// The commands of messenger.mjs: each is a request or a frame.

import { randomUUID } from 'node:crypto'

/** What a person may type after a slash, and what is said without one. Each throws an error whose message is for that person. */
export function commandsOf(client) {
  const { groups, adopt, listen, lineOf, myGroups, rest, send, show, tell } = client
  let open

  const inGroup = (method, path, body) => rest(method, `/groups/${current().id}${path}`, body)
  const memberPath = (list, user) => `/${list}/${encodeURIComponent(user)}`

  function current() {
    if (!open) throw new Error('Open a group first: /open NAME.')
    return open
  }

  async function say(content, replyTo) {
    const group = current()
    const called = [...content.matchAll(/@([\w.-]*\w)/g)].map(([, user]) => user)
    const known = called.length ? (await inGroup('GET', '')).authorized_user_ids : []
    const mentions = [...new Set(called)].filter((user) => known.includes(user))
    send({
      type: 'message',
      group_id: group.id,
      content,
      client_id: randomUUID(),
      mentions,
      mention_all: called.includes('all'),
      ...(replyTo && { reply_to: replyTo.id }),
    })
  }

  /** The message that stands as `#7`, also one that was never shown here. */
  async function messageAt(number) {
    const seq = Number(number?.replace(/^#/, ''))
    if (!Number.isInteger(seq) || seq < 1) throw new Error(`"${number ?? ''}" is no number of a message.`)
    const shown = current().messages.get(seq)
    if (shown) return shown
    const [message] = (await inGroup('GET', `/messages?before=${seq + 1}&limit=1`)).messages
    if (message?.seq !== seq) throw new Error(`There is no message #${seq}.`)
    return message
  }

  const onMessage = (type, rest) => async (number) =>
    send({ type, message_id: (await messageAt(number)).id, ...rest })
  function list(lines, none) {
    for (const line of lines.length ? lines : [none]) show(`  ${line}`)
  }
  const inMinutes = (minutes) => new Date(Date.now() + Number(minutes) * 60_000).toISOString()
  const messagesOf = async (path) => list((await rest('GET', path)).messages.map(lineOf), 'no messages')
  const change = (user, changes) => inGroup('PATCH', memberPath('members', user), changes)
  const view = (changes) => inGroup('PATCH', '/me', changes)

  async function find(query, name) {
    const own = [...groups.values()].find((group) => group.id === name || group.name === name)
    if (own) return own
    const { groups: found } = await rest('GET', `/groups?${query}&q=${encodeURIComponent(name)}`)
    const [first] = found.filter((group) => group.name === name)
    if (!first) throw new Error(`There is no group "${name}".`)
    return first
  }

  function enter(group) {
    open = adopt(group)
    tell(open, 'is open')
  }

  const commands = {
    async groups() {
      const lines = []
      for await (const group of myGroups('&sort=activity'))
        lines.push(
          `${adopt(group).name}: ${group.unread_count} unread, ${group.mention_count} for you (${group.role})`,
        )
      list(lines, 'no groups')
    },
    async find(name = '') {
      const answer = await rest('GET', `/groups?scope=open&q=${encodeURIComponent(name)}`)
      list(
        answer.groups.map(
          (group) => `${group.name}: ${group.member_count}${group.is_member ? ', joined' : ''}`,
        ),
        'no open groups',
      )
    },
    create: async (name, visibility) =>
      enter(await rest('POST', '/groups', { name, ...(visibility && { visibility }) })),
    open: async (...words) => enter(await find('hidden=true', words.join(' '))),
    async join(...words) {
      const { id } = await find('scope=open', words.join(' '))
      enter(await rest('POST', `/groups/${id}/join`))
    },
    direct: async (user_id) => enter(await rest('POST', '/direct', { user_id })),
    quiet: () => {
      current().isHeard = false
      send({ type: 'unsubscribe', group_id: open.id })
    },
    /** To the open group again, from where it was; or, as a guest, to an open one that is named. */
    async listen(...words) {
      if (words.length) open = adopt(await find('scope=open', words.join(' ')))
      listen(current(), true)
    },

    answer: async (number, ...words) => say(words.join(' '), await messageAt(number)),
    edit: (number, ...words) => onMessage('edit', { content: words.join(' ') })(number),
    delete: onMessage('delete'),
    react: (number, emoji) => onMessage('react', { emoji })(number),
    unreact: (number, emoji) => onMessage('unreact', { emoji })(number),
    pin: onMessage('pin'),
    unpin: onMessage('unpin'),
    typing: (state = 'start') => send({ type: 'typing', group_id: current().id, state }),
    async read(number) {
      const { seq } = number ? await messageAt(number) : await inGroup('GET', '')
      send({ type: 'read', group_id: current().id, seq })
    },
    async history(count = 20) {
      const { messages } = await inGroup('GET', `/messages?limit=${count}`)
      list(messages.reverse().map(lineOf), 'no messages')
    },
    thread: async (number) => messagesOf(`/messages/${(await messageAt(number)).id}/thread`),
    pins: () => messagesOf(`/groups/${current().id}/pins`),
    async reads() {
      const { reads } = await inGroup('GET', '/reads')
      list(
        reads.map(({ user_id, seq }) => `${user_id} has read #${seq}`),
        'nobody',
      )
    },
    async who() {
      const { users } = await inGroup('GET', '/online')
      list(
        users.map(({ user_id, connections }) => `${user_id} is here, ${connections} connections`),
        'nobody',
      )
    },

    async members() {
      for (let next = ''; next !== null; ) {
        const page = await inGroup('GET', `/members?limit=100${next && `&after=${encodeURIComponent(next)}`}`)
        const muted = ({ muted_until }) => (muted_until ? `, muted until ${muted_until}` : '')
        list(
          page.members.map(
            (each) => `${each.user_id}, ${each.role}${muted(each)}${each.online ? ', here' : ''}`,
          ),
          'nobody',
        )
        next = page.next
      }
    },
    add: (...user_ids) => inGroup('POST', '/members', { user_ids }),
    remove: (user) => inGroup('DELETE', memberPath('members', user)),
    leave: () => inGroup('DELETE', memberPath('members', client.me())),
    role: (user, role) => change(user, { role }),
    mute: (user, minutes = 60) => change(user, { muted_until: inMinutes(minutes) }),
    unmute: (user) => change(user, { muted_until: null }),
    ban: (user, ...reason) => inGroup('PUT', memberPath('bans', user), { reason: reason.join(' ') }),
    unban: (user) => inGroup('DELETE', memberPath('bans', user)),
    async bans() {
      const { bans } = await inGroup('GET', '/bans')
      list(
        bans.map(({ user_id, reason, created_by }) => `${user_id}, by ${created_by}: ${reason}`),
        'no bans',
      )
    },
    async invite(uses) {
      const { code } = await inGroup('POST', '/invites', uses ? { max_uses: Number(uses) } : {})
      show(`* invite ${code}`)
    },
    async invites() {
      const { invites } = await inGroup('GET', '/invites')
      list(
        invites.map(({ code, uses, max_uses }) => `${code}: ${uses} of ${max_uses ?? 'any'} uses`),
        'no invites',
      )
    },
    revoke: (code) => inGroup('DELETE', `/invites/${code}`),
    async look(code) {
      const { group } = await rest('GET', `/invites/${code}`)
      show(`* invited to ${group.name}, ${group.member_count} members`)
    },
    accept: async (code) => enter(await rest('POST', `/invites/${code}/accept`)),
    notify: (notify) => view({ notify }),
    top: (state) => view({ pinned: state !== 'off' }),
    hide: (state) => view({ hidden: state !== 'off' }),

    /** A new token in place, before the old one ends. */
    token(fresh) {
      client.renew(fresh)
    },
    offline: () => client.stayAway(true),
    online: () => client.stayAway(false),
    help: () =>
      show(
        `* ${Object.keys(commands)
          .map((name) => `/${name}`)
          .join(' ')}`,
      ),
  }

  return { say, commands }
}

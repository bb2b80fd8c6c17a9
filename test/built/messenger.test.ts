import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { freePort, root, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { gather } from './command.ts'

const example = join(root, 'docs/examples/messenger.mjs')

/** A messenger, driven as a person does: `says` writes a line, `sees` waits for a line that nobody waited for before. */
async function openMessenger(url: string, user: string) {
  const child = spawn(process.execPath, [example, url], {
    env: { PATH: process.env.PATH, TOKEN: await tokenFor(user) },
  })
  const { out, err } = gather(child)
  let from = 0
  const sees = async (what: RegExp): Promise<string> => {
    const find = () => what.exec(out().slice(from))
    await eventually(`${user} sees ${what}`, () => find() !== null, 15_000).catch((error) => {
      throw new Error(`${error.message}, but\n${out().slice(from)}${err()}`)
    })
    const found = find() as RegExpExecArray
    from += found.index + found[0].length
    return found[1] ?? found[0]
  }
  return {
    child,
    out,
    err,
    sees,
    says: (line: string) => child.stdin.write(`${line}\n`),
    does: (line: string, what: RegExp) => {
      child.stdin.write(`${line}\n`)
      return sees(what)
    },
  }
}

test('the messenger of the documents does all that groups can, also over a kill -9 of the service', async () => {
  using folder = temporaryFolder()
  const port = `${await freePort()}`
  let service = await spawnService(folder.path, { PORT: port })
  const [alice, bob, carol] = await Promise.all(
    ['alice', 'bob', 'carol'].map((user) => openMessenger(service.url, user)),
  )
  assert(alice && bob && carol)
  try {
    for (const each of [alice, bob, carol]) await each.sees(/\* connected as \w+, 0 groups\n/)

    // An open group, joined; who is there.
    await alice.does('/create Tea open', /\[Tea\] is open\n/)
    await bob.does('/find', /Tea: 1\n/)
    await bob.does('/join Tea', /\[Tea\] is open\n/)
    await carol.does('/listen Tea', /\[Tea\] listening, 0 messages\n/)
    await alice.sees(/\[Tea\] bob is now a member\n/)
    await alice.does('/who', / {2}bob is here, 1 connections\n/)

    // Sending, mentions, answers, threads, reactions, edits, pins, deletes, typing, read marks.
    await alice.does('Hello @bob', /\[Tea\] #1 alice: Hello @bob\n/)
    await bob.sees(/\[Tea\] #1 alice \(to you\): Hello @bob\n/)
    await bob.does('/groups', / {2}Tea: 1 unread, 1 for you \(member\)\n/)
    bob.says('/typing')
    await alice.sees(/\[Tea\] bob is typing\n/)
    bob.says('/answer 1 Hello alice')
    await alice.sees(/\[Tea\] #2 bob \(answer\): Hello alice\n/)
    await alice.does('/answer #2 And again', /\[Tea\] #3 alice \(answer\): And again\n/)
    await alice.does('/thread 2', / {2}#1 alice: .*\n {2}#2 bob.*\n {2}#3 alice/)
    await alice.does('/react 2 👍', /\[Tea\] #2 reactions: 👍1\n/)
    await bob.sees(/\[Tea\] #2 reactions: 👍1\n/)
    alice.says('/unreact 2 👍')
    await bob.sees(/\[Tea\] #2 reactions: none\n/)
    bob.says('/edit 2 Good evening')
    await alice.sees(/\[Tea\] #2 bob \(answer\) \(edited\): Good evening\n/)
    alice.says('/pin 2')
    await bob.sees(/\[Tea\] #2 pinned by alice\n/)
    await bob.does('/pins', / {2}#2 bob .*Good evening\n/)
    await bob.does('/pin 1', /! forbidden: /)
    alice.says('/unpin 2')
    await bob.sees(/\[Tea\] #2 unpinned\n/)
    bob.says('/read 3')
    await alice.sees(/\[Tea\] bob has read #3\n/)
    await alice.does('/reads', /bob has read #3\n/)
    await bob.does('/groups', / {2}Tea: 0 unread, 0 for you \(member\)\n/)
    alice.says('/delete 3')
    await bob.sees(/\[Tea\] #3 was deleted by alice\n/)
    await bob.does('/history', / {2}#1 alice.*\n {2}#2 bob/)

    // A group that one does not listen to still calls.
    await bob.does('/quiet', /\[Tea\] you hear it no more\n/)
    alice.says('@bob, where are you?')
    await bob.sees(/\[Tea\] you are called in #4 alice \(to you\)/)
    await bob.does('/listen', /\[Tea\] listening/)

    // Members, roles, mutes, bans, invites.
    await alice.does('/role bob admin', /\[Tea\] bob is admin\n/)
    await bob.does('/members', / {2}alice, owner, here\n {2}bob, admin, here\n/)
    const code = await bob.does('/invite 1', /\* invite (\w{22})\n/)
    await carol.does(`/look ${code}`, /\* invited to Tea, 2 members\n/)
    await carol.does(`/accept ${code}`, /\[Tea\] is open\n/)
    await bob.does('/invites', new RegExp(`${code}: 1 of 1 uses\n`))
    bob.says(`/revoke ${code}`)
    await bob.does('/invites', / {2}no invites\n/)
    await bob.does('/mute carol 5', /\[Tea\] carol is member, muted\n/)
    await carol.does('May I?', /! muted: /)
    await bob.does('/unmute carol', /\[Tea\] carol is member\n/)
    await bob.does('/ban carol too loud', /\[Tea\] carol was removed by bob\n\[Tea\] carol is banned\n/)
    await carol.sees(/\[Tea\] you hear it no more\n/)
    await carol.does('/join Tea', /! /)
    await bob.does('/bans', / {2}carol, by bob: too loud\n/)
    bob.says('/unban carol')
    await carol.sees(/\[Tea\] your ban was taken back\n\[Tea\] listening/)
    alice.says('/add carol')
    await carol.sees(/\[Tea\] you are in\n/)
    await carol.does('/leave', /\[Tea\] carol left\n/)
    await alice.does('/remove bob', /\[Tea\] bob was removed by alice\n/)
    await alice.does('/add bob', /\[Tea\] bob is now a member\n/)
    await bob.sees(/\[Tea\] you are in\n/)

    // A direct chat, and one's own view.
    await carol.does('/direct alice', /\[@alice\] is open\n/)
    carol.says('psst')
    await alice.sees(/\[@carol\] #1 carol: psst\n/)
    await carol.does('/top', /\[@alice\] notify all, pinned\n/)
    await carol.does('/notify none', /\[@alice\] notify none, pinned\n/)
    await carol.does('/hide', /\[@alice\] you hear it no more\n/)
    await alice.does('/open @carol', /\[@carol\] is open\n/)
    alice.says('still there?')
    await carol.sees(/\[@alice\] #2 alice: still there\?\n/)

    // The service dies; what is said meanwhile is sent when it is back, and each hears what was missed, once.
    await alice.does('/open Tea', /\[Tea\] is open\n/)
    await service.end('SIGKILL')
    await Promise.all([alice, bob].map((each) => each.sees(/\* connection lost/)))
    alice.says('said while nobody listened')
    bob.says('so was this')
    service = await spawnService(folder.path, { PORT: port, MAX_REPLAY: '3' })
    for (const each of [alice, bob])
      for (const what of ['said while nobody listened', 'so was this'])
        await eventually(what, () => each.out().includes(what), 15_000)

    // Away for a little, then for more than the service replays.
    for (const [words, resync] of [
      [['one', 'two'], false],
      [['three', 'four', 'five', 'six', 'seven'], true],
    ] as const) {
      await bob.does('/offline', /\* connection lost/)
      for (const word of words) await alice.does(word, new RegExp(`alice: ${word}\n`))
      await bob.does('/online', resync ? /\[Tea\] fetched again \(too_far_behind\)\n/ : /\[Tea\] listening/)
      for (const word of words) await bob.sees(new RegExp(`alice: ${word}\n`))
    }
    // What was edited meanwhile comes once, as it is now; a group that was lost is left, one that was won is heard.
    await alice.does('/create Attic', /\[Attic\] is open\n/)
    alice.says('/add bob')
    await bob.sees(/\[Attic\] you are in\n/)
    await bob.does('/offline', /\* connection lost/)
    await alice.does('/remove bob', /\[Attic\] bob was removed by alice\n/)
    await alice.does('/create Cellar', /\[Cellar\] is open\n/)
    await alice.does('/add bob', /\[Cellar\] bob is now a member\n/)
    await alice.does('/open Tea', /\[Tea\] is open\n/)
    const number = await alice.does('draft', /#(\d+) alice: draft\n/)
    for (const word of ['better', 'best'])
      await alice.does(`/edit ${number} ${word}`, new RegExp(`\\(edited\\): ${word}\n`))
    const before = bob.out().length
    bob.says('/online')
    const told = [
      /\[Attic\] you hear it no more\n/,
      /\[Cellar\] listening/,
      /\[Tea\] #\d+ alice \(edited\): best\n/,
    ]
    for (const what of told) await eventually(`${what}`, () => what.test(bob.out().slice(before)), 15_000)
    assert.doesNotMatch(bob.out(), /: (?:draft|better)\n/)
    await bob.does(`/token ${await tokenFor('bob')}`, /\* the new token is taken\n/)
    await bob.does('/nothing', /! There is no command \/nothing/)

    bob.child.stdin.end('and good night\n')
    assert.deepEqual(await once(bob.child, 'close'), [0, null])
    await alice.sees(/\[Tea\] #\d+ bob: and good night\n/)
    for (const { out, err } of [alice, bob]) {
      assert.equal(err(), '')
      const said = ['said while nobody listened', 'so was this', 'one', 'two', 'three', 'seven']
      for (const what of said) assert.equal(out().match(new RegExp(`: ${what}\n`, 'g'))?.length, 1, what)
    }
  } finally {
    for (const { child } of [alice, bob, carol]) child.kill()
    await service.end('SIGTERM')
  }
})

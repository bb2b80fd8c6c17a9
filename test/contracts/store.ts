import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { unbanning } from '../../src/domain/audit.ts'
import { groupEndLetter } from '../../src/domain/letter.ts'
import type { Store } from '../../src/store/store.ts'
import { aFile, aGroup, aMessage, aSend, failsWith, newId, numbers, t0, user } from '../support/samples.ts'
import { accountContract, anAccount } from './accounts.ts'
import { attemptContract } from './attempts.ts'
import { auditContract } from './audit.ts'
import { avatarContract } from './avatars.ts'
import { banContract } from './bans.ts'
import { blobContract } from './blobs.ts'
import { blockContract } from './blocks.ts'
import { aDevice, deviceContract } from './devices.ts'
import { editContract } from './edits.ts'
import { erasureContract } from './erasures.ts'
import { cutErasureContract } from './erasures-cut.ts'
import { exportContract } from './exports.ts'
import { feedContract } from './feed.ts'
import { fileContract } from './files.ts'
import { groupContract } from './groups.ts'
import { inviteContract } from './invites.ts'
import { leaseContract } from './lease.ts'
import { groupEndContract, letterContract } from './letters.ts'
import { logContract } from './log.ts'
import { memberContract } from './members.ts'
import { membersChangeContract } from './members-change.ts'
import { mentionContract } from './mentions.ts'
import { messageContract } from './messages.ts'
import { nameContract } from './names.ts'
import { pinContract } from './pins.ts'
import { preferenceContract } from './preferences.ts'
import { profileContract } from './profiles.ts'
import { reactionContract } from './reactions.ts'
import { readContract } from './reads.ts'
import { replyContract } from './replies.ts'
import { reportContract } from './reports.ts'
import { retentionContract } from './retention.ts'
import { revisionContract } from './revisions.ts'
import { searchContract } from './search.ts'
import { secretContract } from './secrets.ts'
import { aSession, sessionContract } from './sessions.ts'
import { statsContract } from './stats.ts'

export interface OpenedStore {
  store: Store
  /** Closes the store and opens another on the same data. `close` then closes that one. */
  reopen(): Promise<Store>
  /** Closes the store and frees all that opening it made. */
  close(): Promise<void>
}

/**
 * The promises of src/store/store.ts, as tests. Every store runs this one suite; `open` gives an empty store, `openTelling` one that
 * tells of groups' ends.
 */
export function storeContract(
  name: string,
  open: () => Promise<OpenedStore>,
  openTelling: () => Promise<OpenedStore>,
): void {
  describe(`${name} keeps the store contract`, () => {
    // All tests share one store, because each makes groups and users of its own.
    let opened: OpenedStore
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    const store = () => opened.store

    groupContract(store)
    memberContract(store)
    membersChangeContract(store)
    banContract(store)
    messageContract(store)
    editContract(store)
    mentionContract(store)
    replyContract(store)
    revisionContract(store)
    reactionContract(store)
    pinContract(store)
    readContract(store)
    fileContract(store)
    blobContract(store)
    inviteContract(store)
    nameContract(store)
    preferenceContract(store)
    erasureContract(store)
    cutErasureContract(open)
    exportContract(store)
    reportContract(store)
    retentionContract(store)
    auditContract(store)
    profileContract(store)
    blockContract(store)
    avatarContract(store)
    logContract(store)
    feedContract(store, open)
    searchContract(store)
    leaseContract(store)
    secretContract(store)
    accountContract(store)
    sessionContract(store)
    attemptContract(store)
    deviceContract(store)
    letterContract(open)
    groupEndContract(openTelling)
    statsContract(open)
    lifeContract(open)
  })
}

function lifeContract(open: () => Promise<OpenedStore>): void {
  const withStore = async (run: (opened: OpenedStore) => Promise<void>) => {
    const opened = await open()
    try {
      await run(opened)
    } finally {
      await opened.close()
    }
  }

  test('an open store answers, and says what it is', () =>
    withStore(async ({ store }) => {
      await store.ping()
      assert.match(store.kind, /^[a-z]+$/)
      assert.match(store.epoch, /^[A-Za-z0-9]{1,32}$/)
    }))

  test('what was written is there after a restart, in the same epoch', () =>
    withStore(async ({ store, reopen }) => {
      const group = await aGroup(store, { members: ['ann', 'bob'] })
      const { value: message } = await store.messages.append(aSend(group), user('ann'))
      await store.messages.edit(message.id, { content: 'better' }, user('ann'), t0 + 1)
      const before = {
        epoch: store.epoch,
        group: await store.groups.read(group.id),
        log: await store.log.read(group.id, { seq: 0, rev: 0 }, 10),
        head: await store.log.readHead(group.id),
      }

      const again = await reopen()
      assert.deepEqual(
        {
          epoch: again.epoch,
          group: await again.groups.read(group.id),
          log: await again.log.read(group.id, { seq: 0, rev: 0 }, 10),
          head: await again.log.readHead(group.id),
        },
        before,
      )
      const next = await again.messages.append(aSend(group), user('ann'))
      assert.equal(next.value.seq, 2)
    }))

  test('a closing store settles every write, and what it acknowledged is there', () =>
    withStore(async ({ store, reopen }) => {
      const group = await aGroup(store, { members: ['ann'] })
      const writes = numbers(1, 50).map(() => store.messages.append(aSend(group), user('ann')))
      const settled = Promise.allSettled(writes)
      await store.close()

      const acknowledged: string[] = []
      for (const outcome of await settled) {
        if (outcome.status === 'fulfilled') acknowledged.push(outcome.value.value.id)
        else failsWith('unavailable')(outcome.reason)
      }
      const again = await reopen()
      const found = await again.messages.readMany(acknowledged)
      assert.deepEqual(found.map((message) => message.id).sort(), acknowledged.sort())
    }))

  test('a closed store says unavailable to everything, and closes again without complaint', () =>
    withStore(async ({ store }) => {
      const group = await aGroup(store, { members: ['ann'] })
      const ann = user('ann')
      const invite = {
        code: newId().slice(0, 22),
        groupId: group.id,
        createdBy: 'ann',
        byOperator: false,
        createdAt: t0,
        expiresAt: t0 + 1,
        maxUses: null,
        uses: 0,
      }
      const aReport = {
        ...{ id: newId(), messageId: newId(), groupId: group.id, senderId: 'bob' },
        ...{ reporterId: 'ann', reason: 'spam', createdAt: t0 },
      }
      await store.close()
      await store.close()

      const calls: Record<Operation, () => Promise<unknown>> = {
        ping: () => store.ping(),
        'groups.create': () => store.groups.create({ ...group, id: newId() }),
        'groups.read': () => store.groups.read(group.id),
        'groups.readSummary': () => store.groups.readSummary(group.id),
        'groups.list': () => store.groups.list('ann', { offset: 0, limit: 1 }),
        'groups.listOpen': () => store.groups.listOpen('ann', { offset: 0, limit: 1 }, t0),
        'groups.listIds': () => store.groups.listIds('ann', 1),
        'groups.listNames': () => store.groups.listNames('ann', [group.id]),
        'groups.update': () => store.groups.update(group.id, { name: 'new' }, ann, t0),
        'groups.delete': () => store.groups.delete(group.id, ann, t0),
        'members.read': () => store.members.read(group.id, 'ann'),
        'members.among': () => store.members.among(group.id, ['ann']),
        'members.confirm': () => store.members.confirm(group.id, ['ann']),
        'members.sharing': () => store.members.sharing('ann', ['bob']),
        'members.list': () => store.members.list(group.id, { limit: 1 }),
        'members.add': () => store.members.add(group.id, ['bob'], 'added', ann, t0),
        'members.change': () => store.members.change(group.id, 'bob', { mutedUntil: t0 }, ann, t0),
        'members.remove': () => store.members.remove(group.id, 'ann', ann, t0),
        'bans.put': () => store.bans.put(group.id, 'bob', { reason: '', until: null }, ann, t0),
        'bans.remove': () => store.bans.remove(group.id, 'bob', ann, t0),
        'bans.list': () => store.bans.list(group.id, ann, t0),
        'messages.append': () => store.messages.append(aSend(group), ann),
        'messages.edit': () => store.messages.edit(newId(), { content: 'new' }, ann, t0),
        'messages.delete': () => store.messages.delete(newId(), ann, t0),
        'messages.restore': () => store.messages.restore(newId(), ann, t0),
        'messages.wipe': () => store.messages.wipe(t0, 1),
        'messages.listWithDeleted': () => store.messages.listWithDeleted(group.id, { offset: 0, limit: 1 }),
        'messages.read': () => store.messages.read(newId()),
        'messages.readMany': () => store.messages.readMany([newId()]),
        'messages.listLast': () => store.messages.listLast([group.id]),
        'messages.list': () => store.messages.list(group.id, { offset: 0, limit: 1 }),
        'pins.add': () => store.pins.add(newId(), ann, t0),
        'pins.remove': () => store.pins.remove(newId(), ann, t0),
        'pins.list': () => store.pins.list(group.id),
        'revisions.list': () => store.revisions.list(newId()),
        'messages.listReplies': () => store.messages.listReplies(aMessage(), { after: 0, limit: 1 }),
        'messages.listThread': () => store.messages.listThread(aMessage(), { after: 0, limit: 1 }),
        'mentions.count': () => store.mentions.count('ann', group.id, 0),
        'mentions.countMany': () => store.mentions.countMany('ann', [{ groupId: group.id, seq: 0 }]),
        'reactions.add': () => store.reactions.add(newId(), '👍', ann, t0),
        'reactions.remove': () => store.reactions.remove(newId(), '👍', ann, t0),
        'reactions.listOwn': () => store.reactions.listOwn('ann', [newId()]),
        'reads.mark': () => store.reads.mark(group.id, 0, ann, t0),
        'reads.list': () => store.reads.list(group.id, 1),
        'reads.ofUser': () => store.reads.ofUser('ann', [group.id]),
        'blobs.write': () => store.blobs.write(newId(), Readable.from([])),
        'blobs.read': () => store.blobs.read(newId()),
        'blobs.remove': () => store.blobs.remove(newId()),
        'blobs.list': () => store.blobs.list(null),
        'files.add': () => store.files.add(aFile(group), ann, 1_000),
        'files.uploaded': () => store.files.uploaded('ann', t0),
        'files.read': () => store.files.read(newId()),
        'files.list': () => store.files.list(group.id, { limit: 1, after: null }),
        'files.listOfUser': () => store.files.listOfUser('ann', null, 1),
        'files.reserve': () => store.files.reserve([newId()], { id: newId(), groupId: group.id }, ann, t0),
        'files.remove': () => store.files.remove(newId(), ann, t0),
        'files.removeOfUser': () => store.files.removeOfUser('ann', 1, t0),
        'files.removeOfMessages': () => store.files.removeOfMessages([newId()]),
        'files.expire': () => store.files.expire(t0, 1),
        'files.listGone': () => store.files.listGone(1),
        'files.forget': () => store.files.forget([newId()]),
        'files.known': () => store.files.known([newId()]),
        'invites.create': () => store.invites.create(invite, ann),
        'invites.remove': () => store.invites.remove(group.id, invite.code, ann, t0),
        'invites.list': () => store.invites.list(group.id, ann, t0),
        'invites.read': () => store.invites.read(invite.code),
        'invites.accept': () => store.invites.accept(invite.code, ann, t0),
        'names.incarnation': () => store.names.incarnation('name'),
        'preferences.change': () => store.preferences.change(group.id, { pinned: true }, ann, t0),
        'preferences.show': () => store.preferences.show(group.id),
        'preferences.ofUser': () => store.preferences.ofUser('ann', [group.id]),
        'exports.messages': () => store.exports.messages('ann'),
        'exports.reactions': () => store.exports.reactions('ann'),
        'erasures.begin': () => store.erasures.begin('key', { userId: 'u', by: 'root', alias: 'alias' }),
        'erasures.count': () => store.erasures.count('key', { messages: 1 }),
        'erasures.end': () => store.erasures.end('key'),
        'erasures.unfinished': () => store.erasures.unfinished(1),
        'erasures.admit': () => store.erasures.admit('key'),
        'erasures.refused': () => store.erasures.refused(null),
        'erasures.messages': () => store.erasures.messages('ann', 'alias', 1, t0),
        'erasures.reactions': () => store.erasures.reactions('ann', 1),
        'erasures.rest': () => store.erasures.rest('ann', 'alias', null, t0),
        'reports.add': () => store.reports.add(aReport),
        'reports.read': () => store.reports.read(newId()),
        'reports.list': () => store.reports.list({ limit: 1 }),
        'reports.decide': () => store.reports.decide(aReport.id, { status: 'resolved' }, ann, t0),
        'reports.untold': () => store.reports.untold(1),
        'reports.told': () => store.reports.told([aReport.id]),
        'retention.due': () => store.retention.due({ after: null, days: 1, at: t0, limit: 1 }),
        'retention.clear': () => store.retention.clear(group.id, t0, 1, t0),
        'audit.add': () => store.audit.add(unbanning(group.id, 'bob', ann, t0)),
        'audit.list': () => store.audit.list({ limit: 1 }),
        'audit.trim': () => store.audit.trim(t0, 1),
        'log.readHead': () => store.log.readHead(group.id),
        'log.readHeads': () => store.log.readHeads([group.id]),
        'log.read': () => store.log.read(group.id, { seq: 0, rev: 0 }, 1),
        'log.readStart': () => store.log.readStart(group.id),
        'log.trim': () => store.log.trim(t0),
        'feed.read': () => store.feed.read(null, 10),
        'feed.load': () => store.feed.load('nobody'),
        'blocks.put': () => store.blocks.put('ann', 'bob', t0),
        'blocks.remove': () => store.blocks.remove('ann', 'bob'),
        'blocks.list': () => store.blocks.list('ann'),
        'blocks.among': () => store.blocks.among('bob', ['ann']),
        'avatars.put': () =>
          store.avatars.put({ userId: 'ann' }, { sha256: 'a', type: 'image/png', bytes: Buffer.from('a') }),
        'avatars.drop': () => store.avatars.drop({ userId: 'ann' }, 'a'),
        'avatars.read': () => store.avatars.read('a'),
        'profiles.see': () => store.profiles.see([], t0),
        'profiles.name': () => store.profiles.name(['ann'], t0),
        'profiles.register': () =>
          store.profiles.register({ id: newId(), username: 'ann', displayName: 'Ann', email: null }, t0),
        'profiles.change': () => store.profiles.change('ann', { displayName: 'Ann' }),
        'profiles.remove': () => store.profiles.remove('ann'),
        'profiles.touch': () => store.profiles.touch(['ann'], t0),
        'profiles.read': () => store.profiles.read(['ann']),
        'profiles.readNumbers': () => store.profiles.readNumbers([1]),
        'profiles.readByName': () => store.profiles.readByName('ann'),
        'profiles.readByEmail': () => store.profiles.readByEmail('ann@example.org'),
        'profiles.search': () => store.profiles.search('a', 1),
        'feed.save': () => store.feed.save('nobody', ''),
        'feed.positions': () => store.feed.positions('nobody', [group.id]),
        'feed.reach': () => store.feed.reach('nobody', new Map()),
        'feed.forget': () => store.feed.forget('nobody'),
        'accounts.create': () => store.accounts.create(anAccount()),
        'accounts.read': () => store.accounts.read(newId()),
        'accounts.list': () => store.accounts.list(null, 1),
        'accounts.setPassword': () => store.accounts.setPassword(newId(), 'hash', t0),
        'accounts.renewHash': () => store.accounts.renewHash(newId(), 'one', 'two'),
        'accounts.setDisabled': () => store.accounts.setDisabled(newId(), true, t0),
        'accounts.remove': () => store.accounts.remove(newId()),
        'sessions.create': () => store.sessions.create(aSession(), 1, 10),
        'sessions.read': () => store.sessions.read(newId(), t0),
        'sessions.rotate': () => store.sessions.rotate(newId(), { count: 0, hash: '', nextHash: '' }, t0, t0),
        'sessions.end': () => store.sessions.end(newId(), 'logged_out', t0),
        'sessions.endAll': () => store.sessions.endAll(newId(), 'logged_out', t0),
        'sessions.listEnded': () => store.sessions.listEnded({ endedAt: t0, id: '' }, 1),
        'attempts.take': () => store.attempts.take([], t0),
        'attempts.refund': () => store.attempts.refund([], t0),
        'attempts.remember': () => store.attempts.remember('key', t0),
        'attempts.isRemembered': () => store.attempts.isRemembered('key', t0),
        'search.put': () => store.search.put([newId()]),
        'search.find': () =>
          store.search.find(
            { all: ['a'], none: [], groupIds: [group.id] },
            { after: null, limit: 1, looks: 1 },
          ),
        'search.clear': () => store.search.clear(),
        'devices.put': () => store.devices.put(aDevice()),
        'devices.remove': () => store.devices.remove('https://push.example.com/1', 'ann'),
        'devices.ofUsers': () => store.devices.ofUsers(['ann']),
        'devices.removeAll': () => store.devices.removeAll('ann'),
        'preferences.notifyIn': () => store.preferences.notifyIn(group.id),
        'letters.put': () => store.letters.put([groupEndLetter(group.id, t0)]),
        'letters.remove': () => store.letters.remove([newId()]),
        'letters.postpone': () => store.letters.postpone(group.id, t0),
        'letters.dueGroups': () => store.letters.dueGroups(t0, 1),
        'letters.listWaiting': () => store.letters.listWaiting(group.id, 1),
        'letters.list': () => store.letters.list('all', 1),
        'letters.count': () => store.letters.count(),
        'letters.retry': () => store.letters.retry(null, t0),
        'letters.drop': () => store.letters.drop(null),
        'letters.trim': () => store.letters.trim(t0),
        'lease.take': () => store.lease.take('work'),
        'lease.release': () => store.lease.release('work'),
        'secrets.read': () => store.secrets.read('name', 'fresh'),
        'stats.read': () => store.stats.read(t0),
      }
      for (const [name, call] of Object.entries(calls))
        await assert.rejects(call, failsWith('unavailable'), `${name} after close`)
    }))
}

type Noun = {
  [Name in keyof Store]: Store[Name] extends (...args: never) => unknown ? never : Name
}[keyof Store]
/** All operations, which a closed store refuses. */
type Operation =
  | 'ping'
  | { [Name in Noun]: Store[Name] extends string ? never : `${Name}.${keyof Store[Name] & string}` }[Noun]

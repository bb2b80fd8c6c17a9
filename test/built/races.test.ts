import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { adopters } from './races/adopters.ts'
import { bannedComer } from './races/banned-comer.ts'
import { bannedSender } from './races/banned-sender.ts'
import { connected } from './races/connected.ts'
import { direct } from './races/direct.ts'
import { distance } from './races/distance.ts'
import { falseEnd } from './races/false-end.ts'
import { full } from './races/full.ts'
import { lastUse } from './races/last-use.ts'
import { numbers } from './races/numbers.ts'
import { outage } from './races/outage.ts'
import { owners } from './races/owners.ts'
import { type Pair, startPair } from './races/pair.ts'
import { readded } from './races/readded.ts'
import { repeat } from './races/repeat.ts'
import { replaced } from './races/replaced.ts'
import { resume } from './races/resume.ts'
import { type Race, rounds, run, seed } from './races/round.ts'
import { stream } from './races/stream.ts'
import { unsubscribed } from './races/unsubscribed.ts'

const races: Race[] = [
  resume,
  readded,
  unsubscribed,
  falseEnd,
  numbers,
  connected,
  repeat,
  replaced,
  outage,
  stream,
  adopters,
  distance,
  direct,
  lastUse,
  bannedSender,
  bannedComer,
  owners,
  full,
]

describe(`races between two instances, ${rounds} rounds of each (SEED=${seed})`, {
  skip: (await mongoMissing()) ?? false,
}, () => {
  let mongo: TestMongo
  let shared: Pair
  before(async () => {
    mongo = await startMongo()
    shared = await startPair(mongo)
  })
  after(async () => {
    await shared[Symbol.asyncDispose]()
    await mongo.stop()
  })

  for (const race of races)
    test(race.name, { timeout: 120_000 + rounds * 5_000 }, async (t) => {
      if (!race.isAlone) return run(t, race, shared)
      await using own = await startPair(mongo, { patient: race.patient, env: race.env })
      await run(t, race, own)
    })

  test('nothing failed at the instances that all shared', () => {
    for (const { output } of [shared.a, shared.b]) assert.doesNotMatch(output(), /"level":"(error|critical)"/)
  })
})

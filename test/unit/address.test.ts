import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { createAddressOf } from '../../src/http/address.ts'

const request = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

test('without trusted proxies the peer is who asks, whatever it says of others', () => {
  const addressOf = createAddressOf([])
  assert.equal(addressOf(request('203.0.113.7')), '203.0.113.7')
  assert.equal(addressOf(request('203.0.113.7', '198.51.100.1')), '203.0.113.7')
  assert.equal(addressOf(request('::ffff:203.0.113.7')), '203.0.113.7', "IPv4 in IPv6's clothes")
})

test('behind trusted proxies it is the last address that is none of them', () => {
  const addressOf = createAddressOf(['10.0.0.0/8', '192.0.2.1', 'fd00::/8'])
  for (const [peer, forwarded, expected] of [
    ['10.1.2.3', '203.0.113.7', '203.0.113.7'],
    ['10.1.2.3', '1.1.1.1, 203.0.113.7', '203.0.113.7'],
    ['10.1.2.3', '1.1.1.1, 203.0.113.7, 192.0.2.1,10.9.9.9', '203.0.113.7'],
    ['::ffff:10.1.2.3', '203.0.113.7:4711', '203.0.113.7'],
    ['fd00::1', '[2001:db8:1:2:3::4]:443', '2001:db8:1:2::/64'],
    ['192.0.2.2', '203.0.113.7', '192.0.2.2'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', 'unknown', '10.1.2.3'],
    ['10.1.2.3', '203.0.113.7, junk', '10.1.2.3'],
    ['10.1.2.3', '10.0.0.9', '10.0.0.9'],
  ] as const)
    assert.equal(addressOf(request(peer, forwarded)), expected, `${peer} ${forwarded}`)
})

test('of IPv6 the network counts, however it is spelt', () => {
  const addressOf = createAddressOf([])
  for (const address of ['2001:db8::1', '2001:0DB8:0:0:ffff::', '2001:db8:0:0:1:2:3:4', '2001:db8::1%eth0'])
    assert.equal(addressOf(request(address)), '2001:db8:0:0::/64')
  assert.notEqual(addressOf(request('2001:db8:0:1::1')), '2001:db8:0:0::/64')
})

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { addressKey } from '../../src/domain/rates.ts'
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
    ['fd00::1', '[2001:db8:1:2:3::4]:443', '2001:db8:1:2:3::4'],
    ['10.1.2.3', '::ffff:203.0.113.7', '203.0.113.7'],
    ['10.1.2.3', '::ffff:cb00:7107', '203.0.113.7'],
    ['10.1.2.3', '1.1.1.1, 0:0:0:0:0:FFFF:203.0.113.7', '203.0.113.7'],
    ['10.1.2.3', '203.0.113.7, ::ffff:10.9.9.9', '203.0.113.7'],
    ['10.1.2.3', ' 203.0.113.7 ,, 10.9.9.9 ,', '203.0.113.7'],
    ['10.1.2.3', '203.0.113.7, 010.0.0.1', '10.1.2.3'],
    ['10.1.2.3', '203.0.113.7, 10.9.9.9, 203.0.113.999', '10.1.2.3'],
    ['10.1.2.3', '', '10.1.2.3'],
    ['192.0.2.2', '203.0.113.7', '192.0.2.2'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', 'unknown', '10.1.2.3'],
    ['10.1.2.3', '203.0.113.7, junk', '10.1.2.3'],
    ['10.1.2.3', '10.0.0.9', '10.0.0.9'],
  ] as const)
    assert.equal(addressOf(request(peer, forwarded)), expected, `${peer} ${forwarded}`)
})

test('ranges may be of either kind, and of IPv4 in the clothes of IPv6', () => {
  for (const [range, inside, outside] of [
    ['10.0.0.0/30', '10.0.0.3', '10.0.0.4'],
    ['10.0.0.7', '10.0.0.7', '10.0.0.8'],
    ['0.0.0.0/0', '8.8.8.8', '2001:db8::1'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['::ffff:10.0.0.0/104', '10.255.0.1', '11.0.0.1'],
    ['::ffff:a00:7', '10.0.0.7', '10.0.0.8'],
  ] as const) {
    const addressOf = createAddressOf([range])
    assert.equal(addressOf(request(inside, '203.0.113.7')), '203.0.113.7', range)
    assert.equal(addressOf(request(outside, '203.0.113.7')), outside, range)
  }
})

test('of IPv6 the network is limited, however it is spelt', () => {
  const addressOf = createAddressOf([])
  const keyOf = (address: string) => addressKey(addressOf(request(address)))
  for (const address of ['2001:db8::1', '2001:0DB8:0:0:ffff::', '2001:db8:0:0:1:2:3:4', '2001:db8::1%eth0'])
    assert.equal(keyOf(address), '\n2001:db8:0:0::/64')
  assert.notEqual(keyOf('2001:db8:0:1::1'), keyOf('2001:db8::1'))
  assert.equal(addressOf(request('2001:0DB8:0:0:0:0:0:1')), '2001:db8::1', 'the log tells all of it')
  assert.equal(keyOf('203.0.113.7'), '\n203.0.113.7')
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createOutward } from '../../src/outward/post.ts'
import { isPrivateHost, isPublicAddress } from '../../src/outward/private.ts'

async function answeredBy(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const outward = createOutward({ timeoutMs: 300, connections: 4 })
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const closed = async () => {
    outward.close()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url, post: (body = '') => outward.post(url, {}, body), [Symbol.asyncDispose]: closed }
}

test('an answer counts by its status, however much of it there is and however slowly it comes', async () => {
  let cut = 0
  await using endless = await answeredBy((_, response) => {
    response.on('close', () => cut++)
    const more = () => !response.destroyed && response.write(Buffer.alloc(4_096), () => setImmediate(more))
    more()
  })
  assert.equal((await endless.post()).status, 200)
  await using slow = await answeredBy((_, response) => {
    response.on('close', () => cut++)
    response.writeHead(202).write('.')
  })
  assert.equal((await slow.post()).status, 202)
  await using redirecting = await answeredBy((_, response) =>
    response.writeHead(302, { location: '/' }).end(),
  )
  assert.equal((await redirecting.post()).status, 302)
  assert.equal(cut, 2)
})

test('no answer in time, one that breaks off, and nobody there say what went wrong', async () => {
  await using hanging = await answeredBy(() => {})
  await assert.rejects(hanging.post(), /there was no answer within 0\.3 s/)
  await using breaking = await answeredBy((_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy())
  })
  await assert.rejects(breaking.post(), /the answer 200 broke off/)
  await using closing = await answeredBy((_, response) => response.destroy())
  await assert.rejects(closing.post(), /can't be reached: ECONNRESET/)
  const outward = createOutward({ timeoutMs: 300, connections: 1 })
  await assert.rejects(outward.post(closing.url, {}, '', AbortSignal.abort()), /can't be reached/)
})

test('connections are used again', async () => {
  const ports = new Set<number | undefined>()
  await using server = await answeredBy((request, response) => {
    ports.add(request.socket.remotePort)
    request.resume().on('end', () => response.end('taken'))
  })
  for (const body of ['one', 'two', 'three']) await server.post(body)
  assert.equal(ports.size, 1)
})

test('addresses that are public, and those that are not', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])
    assert.equal(isPublicAddress(address), true, address)
  for (const address of [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fd00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:a00:1::1',
    'example.com',
    '',
  ])
    assert.equal(isPublicAddress(address), false, address)
})

test('hosts of a private network', () => {
  for (const host of ['localhost', 'gateway', 'push.internal', 'a.b.local', '[::1]', '10.0.0.1'])
    assert.equal(isPrivateHost(host), true, host)
  for (const host of ['example.com', 'local.example.com', '8.8.8.8', '[2606:4700::1]', 'notlocal.com'])
    assert.equal(isPrivateHost(host), false, host)
})

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { tokenFor } from '../support/process.ts'
import { startRest } from '../support/rest.ts'
import { numbers } from '../support/samples.ts'

describe('a connection that pipelines', () => {
  test('has its answers made one by one, as it takes them, and all in order', async () => {
    const rest = await startRest()
    try {
      const { id } = await rest.group('alice')
      for (let i = 0; i < 20; i++) await rest.send(id, 'x'.repeat(9_000), { as: 'alice' })
      const token = await tokenFor('alice')
      const { port } = new URL(rest.service.url)
      const socket = connect(Number(port), '127.0.0.1')
      const asked = 200
      const requests = Array.from(
        { length: asked },
        (_, i) =>
          `GET ${new URL(rest.service.base).pathname}/groups/${id}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nX-Correlation-ID: pipe-${i}\r\n\r\n`,
      )
      socket.pause()
      socket.write(requests.join(''))
      await rest.service.api('alice') // something else to wait for while nothing is read
      const answered = () => rest.service.logged.filter((line) => line.includes('"pipe-')).length
      let before = -1
      while (before !== answered()) {
        before = answered()
        for (let i = 0; i < 5; i++) await rest.root('GET', '/health')
      }
      assert.ok(before < asked / 2, `${before} answers were made for one who reads none`)
      let text = ''
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk
      })
      socket.resume()
      while ((text.match(/HTTP\/1\.1 200/g) ?? []).length < asked) await rest.root('GET', '/health')
      const ids = [...text.matchAll(/X-Correlation-ID: pipe-(\d+)/g)].map(([, n]) => Number(n))
      assert.deepEqual(ids, numbers(0, asked - 1))
      socket.destroy()
    } finally {
      await rest.close()
    }
  })
})

test('however many requests come in one go, each is answered, in order', async () => {
  const rest = await startRest()
  try {
    const socket = connect(Number(new URL(rest.service.url).port), '127.0.0.1')
    const asked = 3_000
    const body = JSON.stringify({ token: 'x' })
    // Some with a body, which is read when its turn has come.
    const requests = Array.from({ length: asked }, (_, i) =>
      i % 500 === 7
        ? `POST /dashboard/login HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: n-${i}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
        : `GET /livez HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: n-${i}\r\n\r\n`,
    )
    let text = ''
    const all = Promise.withResolvers<void>()
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      if (text.includes(`n-${asked - 1}\r\n`)) all.resolve()
    })
    socket.on('close', () => all.reject(new Error('the connection was closed')))
    socket.write(requests.join(''))
    await all.promise
    const ids = [...text.matchAll(/X-Correlation-ID: n-(\d+)/g)].map(([, n]) => Number(n))
    assert.deepEqual(ids, numbers(0, asked - 1))
    socket.destroy()
  } finally {
    await rest.close()
  }
})

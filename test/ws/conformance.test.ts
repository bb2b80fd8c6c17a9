import assert from 'node:assert/strict'
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/process.ts'
import { skipWithout } from '../support/skip.ts'

/** Left out: compression, which we don't offer; and 65,536 fragments, which `ws` refuses on purpose. */
const leftOut = ['12.*', '13.*', '9.3.1', '9.4.1']

test('the Autobahn cases find our sockets to be as RFC 6455 has them', {
  skip: skipWithout('kosoku', ['--help'], 'pip install kosoku'),
}, async () => {
  using folder = temporaryFolder()
  const server = fork(join(import.meta.dirname, 'echo-server.ts'))
  try {
    const [port] = (await once(server, 'message')) as [number]
    const args = [...leftOut.flatMap((id) => ['-x', id]), '-p', '2', '-o', folder.path, `127.0.0.1:${port}`]
    const { stdout, stderr } = await promisify(execFile)('kosoku', args)
    assert.match(stdout + stderr, /wrote reports for 299 cases/)
    assert.doesNotMatch(stdout + stderr, /failed/i)
  } finally {
    server.disconnect()
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Avatar } from '../../src/domain/avatar.ts'
import type { Store } from '../../src/store/store.ts'
import { newId } from '../support/samples.ts'

export function avatarContract(store: () => Store): void {
  const avatars = () => store().avatars
  const anAvatar = (): Avatar => ({
    sha256: newId(),
    type: 'image/png',
    bytes: Uint8Array.from({ length: 300_000 }, (_, i) => i % 251),
  })

  test('a picture is read as it was put', async () => {
    const avatar = anAvatar()
    assert.equal(await avatars().read(avatar.sha256), null)
    await avatars().put({ userId: 'ann' }, avatar)
    await avatars().put({ userId: 'ann' }, avatar)
    const found = await avatars().read(avatar.sha256)
    assert.ok(found)
    assert.equal(found.type, 'image/png')
    assert.ok(Buffer.from(found.bytes).equals(avatar.bytes))
  })

  test('it is there for as long as somebody has it', async () => {
    const avatar = anAvatar()
    const isThere = async () => (await avatars().read(avatar.sha256)) !== null
    const owners = [{ userId: 'ann' }, { userId: 'bob' }, { groupId: newId() }]
    for (const owner of owners) await avatars().put(owner, avatar)
    for (const owner of owners) {
      assert.ok(await isThere())
      await avatars().drop(owner, avatar.sha256)
      await avatars().drop(owner, newId())
    }
    assert.equal(await isThere(), false)
  })
}

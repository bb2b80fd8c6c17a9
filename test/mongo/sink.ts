import type { Change } from '../../src/domain/change.ts'
import type { Message } from '../../src/domain/message.ts'
import type { Profile } from '../../src/domain/profile.ts'
import type { StoreSink } from '../../src/store/store.ts'

/** Keeps what a store tells. The position of each open group is that of the last entry that was told. */
export interface RecordingSink extends StoreSink {
  readonly messages: Message[]
  readonly changes: Change[]
  /** Ids of groups whose documents were changed. */
  readonly groups: string[]
  readonly changedProfiles: readonly Profile[]
  readonly losses: number
}

export function recordingSink(openGroups: () => string[] = () => []): RecordingSink {
  let losses = 0
  const messages: Message[] = []
  const changes: Change[] = []
  const groups: string[] = []
  const profiles: Profile[] = []
  return {
    messages,
    changes,
    groups,
    changedProfiles: profiles,
    get losses() {
      return losses
    },
    message: (message) => void messages.push(message),
    change: (change) => void changes.push(change),
    group: (id) => void groups.push(id),
    profiles: (some) => void profiles.push(...some),
    lost: () => void losses++,
    openGroups: () =>
      openGroups().map((groupId) => {
        const at = {
          seq: Math.max(
            0,
            ...messages.filter((message) => message.groupId === groupId).map(({ seq }) => seq),
          ),
          rev: Math.max(0, ...changes.filter((change) => change.groupId === groupId).map(({ rev }) => rev)),
        }
        return { groupId, at }
      }),
  }
}

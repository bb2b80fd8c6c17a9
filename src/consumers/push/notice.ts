import type { Device } from '../../domain/device.ts'
import type { GroupSummary } from '../../domain/group.ts'
import type { Message } from '../../domain/message.ts'

/** One message for one device. */
export interface Notice {
  readonly device: Device
  readonly group: Pick<GroupSummary, 'id' | 'name'>
  readonly message: Message
  readonly isUrgent: boolean
}

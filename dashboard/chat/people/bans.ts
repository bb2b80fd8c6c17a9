import { openDialog } from '../../parts/dialog.ts'
import { element, setText } from '../../parts/elements.ts'
import type { PeopleDeps } from './menu.ts'

interface Ban {
  readonly user_id: string
  readonly display_name: string
  readonly reason: string | null
}

/** Opens the list of those who may not come in, for admins to let them again. */
export function openBans({ model, conversation }: PeopleDeps): void {
  const list = element('ul', { class: 'bans' })
  const told = element('p', { role: 'status', class: 'dim' }, 'Loading')
  const count = (): void => setText(told, list.children.length > 0 ? '' : 'Nobody is banned')
  const done = element('button', { type: 'button' }, 'Done')

  const lineOf = ({ user_id: id, display_name: name, reason }: Ban): HTMLElement => {
    const lift = async (): Promise<void> => {
      try {
        await model.chat.groups.unban(conversation.id, id)
        line.remove()
        done.focus()
        count()
      } catch (error) {
        model.report(error)
      }
    }
    const line = element(
      'li',
      {},
      element('bdi', {}, name),
      element('bdi', { class: 'dim' }, reason ?? ''),
      element('button', { type: 'button', 'aria-label': `Unban ${name}`, onclick: lift }, 'Unban'),
    )
    return line
  }

  openDialog({ title: 'Banned people' }, (close) => {
    done.addEventListener('click', close)
    return [told, list, element('div', { class: 'actions' }, done)]
  })
  model.chat.groups.bans(conversation.id).then(
    ({ bans }) => {
      list.append(...(bans as unknown as Ban[]).map(lineOf))
      count()
    },
    (error) => setText(told, error.detail),
  )
}

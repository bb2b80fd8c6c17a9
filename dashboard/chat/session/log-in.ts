import type { PageFacts } from '../../../src/http/page-facts.ts'
import { element, setText } from '../../parts/elements.ts'
import type { Session } from './session.ts'

/** The way in. It is gone when somebody is logged in. */
export function createLogIn(
  { session, facts, isInvited }: { session: Session; facts: PageFacts; isInvited: boolean },
  signal: AbortSignal,
): HTMLElement {
  const alert = element('p', { role: 'alert', class: 'refusal' })
  const forms = element('div')

  async function attempt(form: HTMLFormElement, run: () => Promise<void>): Promise<void> {
    const buttons = [...form.querySelectorAll('button')]
    setText(alert, '')
    for (const button of buttons) button.disabled = true
    try {
      await run()
    } catch (error) {
      if (signal.aborted) return
      setText(alert, (error as Error).message)
      for (const button of buttons) button.disabled = false
      form.querySelector<HTMLInputElement>('input[type="password"], input')?.select()
    }
  }

  const show = (form: HTMLFormElement): void => {
    forms.replaceChildren(form)
    setText(alert, '')
    form.querySelector('input')?.focus()
  }

  const link = (text: string, run: () => void): HTMLElement =>
    element(
      'a',
      {
        href: '#',
        onclick: (event: Event) => {
          event.preventDefault()
          run()
        },
      },
      text,
    )

  function passwordForm(): HTMLFormElement {
    const name = element('input', {
      ...{ id: 'username', type: 'text', autocomplete: 'username', autocapitalize: 'none' },
      ...{ spellcheck: 'false', required: true, dir: 'auto' },
    })
    const password = element('input', {
      ...{ id: 'password', type: 'password', autocomplete: 'current-password', required: true },
    })
    const submit = (how: 'logIn' | 'register'): void => {
      if (form.reportValidity()) void attempt(form, () => session[how](name.value.trim(), password.value))
    }
    const form = element(
      'form',
      {
        onsubmit: (event: Event) => {
          event.preventDefault()
          submit('logIn')
        },
      },
      element('label', { for: 'username' }, 'Username'),
      name,
      element('label', { for: 'password' }, 'Password'),
      password,
      element(
        'div',
        { class: 'ways' },
        element('button', { class: 'primary' }, 'Log in'),
        element('button', { type: 'button', onclick: () => submit('register') }, 'Register'),
      ),
      ...testUsers((user) => {
        name.value = user.username
        password.value = user.password
        form.querySelector<HTMLElement>('.primary')?.focus()
      }),
      element(
        'p',
        { class: 'other' },
        link('Use a token', () => show(tokenForm())),
      ),
    )
    return form
  }

  function testUsers(take: (user: PageFacts['testUsers'][number]) => void): HTMLElement[] {
    if (!facts.testUsers.length) return []
    const users = facts.testUsers.map((user) =>
      element(
        'li',
        {},
        element(
          'button',
          { type: 'button', class: 'plain', onclick: () => take(user) },
          `${user.username} / ${user.password}`,
        ),
      ),
    )
    return [element('p', { class: 'tests' }, 'Users for trying it out:'), element('ul', {}, ...users)]
  }

  function tokenForm(): HTMLFormElement {
    const token = element('input', {
      ...{ id: 'token', type: 'text', autocomplete: 'off', spellcheck: 'false', required: true },
    })
    const form: HTMLFormElement = element(
      'form',
      {
        onsubmit: (event: Event) => {
          event.preventDefault()
          void attempt(form, () => session.useToken(token.value.trim()))
        },
      },
      element('label', { for: 'token' }, 'Token'),
      token,
      element('div', { class: 'ways' }, element('button', { class: 'primary' }, 'Log in')),
      facts.accounts &&
        element(
          'p',
          { class: 'other' },
          link('Use a name and a password', () => show(passwordForm())),
        ),
    )
    return form
  }

  show(facts.accounts ? passwordForm() : tokenForm())
  setText(alert, session.ending ?? '')
  const login = element(
    'main',
    { class: 'log-in', id: 'main', tabindex: -1 },
    element(
      'div',
      { class: 'card' },
      element('h1', {}, 'Chat'),
      isInvited && element('p', {}, 'You are invited to a group. Log in, or register, to see it.'),
      forms,
      alert,
    ),
  )
  // The field can take the focus only when it is in the page.
  queueMicrotask(() => login.querySelector('input')?.focus())
  return login
}

import { find } from '../parts/elements.ts'

const answer = find('answer')
const token = find<HTMLInputElement>('token')

find<HTMLFormElement>('login').addEventListener('submit', async (event) => {
  event.preventDefault()
  answer.textContent = ''
  try {
    const response = await fetch('/dashboard/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: token.value }),
    })
    if (response.ok) return location.reload()
    const problem: { detail?: string } = await response.json()
    answer.textContent = problem.detail ?? `The service answers ${response.status}.`
    token.select()
  } catch {
    answer.textContent = 'The service does not answer.'
  }
})
token.focus()

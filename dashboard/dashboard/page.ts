import type { Range } from '../../src/observe/history.ts'
import type { Report } from '../../src/observe/report.ts'
import { find, setLevel, setText } from '../parts/elements.ts'
import { createFigures } from './figures.ts'
import { duration } from './format.ts'
import { createPictures } from './pictures.ts'
import { createTables } from './tables.ts'

/** A report is awaited for so long at most. */
const patienceMs = 5_000
/** How often a service that is away is asked, whatever else is chosen. */
const retryMs = 2_000

const filter = find<HTMLInputElement>('filter')
const refresh = find<HTMLFieldSetElement>('refresh')
const freshness = find('freshness')
const showFigures = createFigures()
const showTables = createTables()
const chosen = (name: string) => String(new FormData(find<HTMLFormElement>('controls')).get(name))
const chosenMs = () => Number(chosen('refresh'))
const pictures = createPictures(chosen('range') as Range)

let report: Report | undefined
let shownAt = 0
/** Why the last attempt failed. */
let failure: string | undefined
let asking = false
let timer = 0

async function ask(): Promise<void> {
  if (asking) return
  asking = true
  clearTimeout(timer)
  const { range, last } = pictures
  try {
    const response = await fetch(`/dashboard/api/data?range=${range}&after=${last}`, {
      signal: AbortSignal.timeout(patienceMs),
    })
    if (response.status === 401) return location.reload()
    if (!response.ok) throw new Error(`the service answers ${response.status}`)
    const fresh: Report = await response.json()
    // Another range may have been chosen meanwhile, and then these samples are not of it.
    if (range === pictures.range) show(fresh)
  } catch (error) {
    failure = error instanceof TypeError ? 'the service does not answer' : (error as Error).message
  } finally {
    asking = false
  }
  if (range !== pictures.range) return ask()
  showFreshness()
  const ms = chosenMs()
  if (ms > 0) timer = window.setTimeout(ask, failure === undefined ? ms : Math.min(ms, retryMs))
}

function show(fresh: Report): void {
  report = fresh
  shownAt = Date.now()
  failure = undefined
  showFigures(fresh)
  pictures.show(fresh)
  showTables(fresh, filter.value.trim().toLowerCase())
}

const lamps = { green: '●', orange: '▲', red: '■', none: '○' } as const

/** Shows the level by the lamp's colour and in the title. A report that is not of now has no colour. */
function showLamp(level: keyof typeof lamps): void {
  setLevel(find('lamp'), level)
  document.title = `${lamps[level]} chat-api`
}

function showFreshness(): void {
  const age = Math.round((Date.now() - shownAt) / 1_000)
  const ms = chosenMs()
  const isOld = failure !== undefined || age * 1_000 > ms + patienceMs
  const isStale = isOld && (failure !== undefined || ms > 0)
  document.body.classList.toggle('old', isOld)
  document.body.classList.toggle('stale', isStale)
  showLamp(failure !== undefined ? 'red' : isOld || !report ? 'none' : report.status.level)
  const since = shownAt === 0 ? '' : ` ${duration(age)}`
  if (isStale) setText(freshness, `stale${since}: ${failure ?? 'waiting'}`)
  else if (report)
    setText(freshness, ms === 0 ? `paused, ${duration(age)} old` : `live, ${report.status.environment}`)
}

filter.addEventListener('input', () => {
  if (report) showTables(report, filter.value.trim().toLowerCase())
})
find('controls').addEventListener('submit', (event) => event.preventDefault())
refresh.addEventListener('change', () => {
  clearTimeout(timer)
  ask()
})
find('range').addEventListener('change', () => {
  pictures.setRange(chosen('range') as Range)
  ask()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && chosenMs() > 0) ask()
})
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== filter) {
    event.preventDefault()
    filter.focus()
  } else if (event.key === 'Escape' && filter.value !== '') {
    filter.value = ''
    filter.dispatchEvent(new Event('input'))
  }
})
setInterval(showFreshness, 1_000)
ask()

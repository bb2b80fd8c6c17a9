/**
 * What must stay calm at any size, large beside small in one run: a row each, and exit code 1 where a bound is missed.
 *
 *     npm run bench -- growth [NAME ...]
 */
import { markdownTable } from '../figures.ts'
import { connected } from './connected.ts'
import { endings, joins, listeners, resumes, typers } from './crowds.ts'
import { groupList } from './group-list.ts'
import type { Measurement } from './growth.ts'
import { largeGroup } from './large-group.ts'
import { people } from './people.ts'
import { purge } from './purge.ts'
import { search, searchedSends } from './search.ts'
import { uncleanStart } from './unclean-start.ts'
import { unread } from './unread.ts'

const measurements: Record<string, Measurement> = {
  connected,
  'large-group': largeGroup,
  'group-list': groupList,
  unread,
  search,
  'searched-sends': searchedSends,
  people,
  listeners,
  endings,
  typers,
  joins,
  resumes,
  purge,
  'unclean-start': uncleanStart,
}

const wanted = process.argv.slice(2)
const rows: string[][] = []
for (const [name, measure] of Object.entries(measurements)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const { action, large, small, figure, bound } of [await measure()].flat()) {
    rows.push([action, large, small, figure.toFixed(2), `${bound}${figure > bound ? ' MISSED' : ''}`])
    if (figure > bound) process.exitCode = 1
  }
}
process.stdout.write(`${markdownTable(['', 'large', 'small', 'figure', 'at most'], rows)}\n`)

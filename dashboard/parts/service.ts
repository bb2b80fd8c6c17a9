import type { PageFacts } from '../../src/http/page-facts.ts'
import { find } from './elements.ts'

/** What the service says of itself; null in a page that was opened from disk. */
export const readFacts = (): PageFacts | null => JSON.parse(find('service').textContent ?? 'null')

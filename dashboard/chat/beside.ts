import { element } from '../parts/elements.ts'
import { type Cell, createCell } from './model/cell.ts'
import type { Keeping } from './model/types.ts'

/** The place of the people: beside the conversation where there is room, else over it while they are wanted. */
export interface Beside {
  readonly element: HTMLElement
  readonly isShown: Cell<boolean>
  show(people: HTMLElement | null): void
  toggle(): void
  /** Something under it is wanted: it goes, where it lies over the conversation. */
  makeRoom(): void
}

const key = 'people'

export function createBeside(keeping: Keeping, signal: AbortSignal): Beside {
  const wide = matchMedia('(min-width: 1100px)')
  const isShown = createCell(false)
  const place = element('div', {
    class: 'beside',
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === 'Escape') makeRoom()
    },
  })

  const begin = (): void => isShown.set(wide.matches && keeping.getItem(key) !== 'hidden')
  const makeRoom = (): void => {
    if (!wide.matches) isShown.set(false)
  }
  const draw = (): void => {
    place.hidden = !isShown.value || place.childElementCount === 0
  }

  wide.addEventListener('change', begin, { signal })
  isShown.listen(draw, signal)
  begin()
  return {
    element: place,
    isShown,
    makeRoom,
    show(people) {
      place.replaceChildren(...(people ? [people] : []))
      // What lies over another group is not what was asked for.
      makeRoom()
      draw()
    },
    toggle() {
      isShown.set(!isShown.value)
      if (wide.matches) keeping.setItem(key, isShown.value ? 'shown' : 'hidden')
    },
  }
}

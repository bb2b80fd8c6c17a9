import type { Keeping } from '../model/types.ts'

/** Dark or light: as the system has it, until the user chooses. */
export interface Theme {
  readonly isDark: boolean
  choose(isDark: boolean): void
}

const key = 'chat-api.theme'

export function createTheme(keeping: Keeping): Theme {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const isDark = (): boolean => {
    const chosen = keeping.getItem(key)
    return chosen ? chosen === 'dark' : system.matches
  }
  const show = (): void => {
    document.documentElement.dataset.theme = isDark() ? 'dark' : 'light'
  }
  system.addEventListener('change', show)
  // Another tab may choose, too.
  addEventListener('storage', show)
  show()
  return {
    get isDark() {
      return isDark()
    },
    choose(dark) {
      keeping.setItem(key, dark ? 'dark' : 'light')
      show()
    },
  }
}

import { effect, signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'
const KEY = 'esper-console-theme'

function stored(): Theme {
  const value = localStorage.getItem(KEY)
  return value === 'light' || value === 'dark' ? value : 'system'
}

export const theme = signal<Theme>(stored())

/** Applies the chosen scheme and keeps it; `system` follows the device. */
export function watchTheme(): () => void {
  return effect(() => {
    if (theme.value === 'system') {
      delete document.documentElement.dataset.theme
      localStorage.removeItem(KEY)
    } else {
      document.documentElement.dataset.theme = theme.value
      localStorage.setItem(KEY, theme.value)
    }
  })
}

/**
 * uPlot asks Intl for the browser's language while it loads, and dies of one that is no language tag: a Chromium without
 * a locale calls itself `en-US@posix`.
 */
export function mendLanguage(): void {
  try {
    new Intl.NumberFormat(navigator.language)
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true })
  }
}

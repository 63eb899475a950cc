/** What a number field sends: a number where it is one, else what was typed, so that the API says what is wrong with it. */
export function sendNumber(text: string): number | string | undefined {
  const typed = text.trim()
  if (typed === '') return undefined
  return /^-?\d+$/.test(typed) ? Number(typed) : typed
}

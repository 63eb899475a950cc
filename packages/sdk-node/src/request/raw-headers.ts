/**
 * A header out of names and values in turn, by its name in lower case, lines of one name joined as HTTP joins them. Looks
 * at the list itself: a message's `headers` are made when they are first asked for, and not every application asks.
 */
export function rawHeader(headers: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (!isNamed(headers[at], name)) continue
    found = found === undefined ? headers[at + 1] : `${found}${name === 'cookie' ? '; ' : ', '}${headers[at + 1]}`
  }
  return found
}

/** The first line of a header, for those that are sent once. */
export function firstRawHeader(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2) if (isNamed(headers[at], name)) return headers[at + 1]
  return undefined
}

function isNamed(sent: string | undefined, name: string): boolean {
  return sent !== undefined && sent.length === name.length && sent.toLowerCase() === name
}

/** Browsers keep `__Host-` cookies on https, and on http for localhost and 127.0.0.1 only. */
export const SESSION_COOKIE = '__Host-esper-session'

const ATTRIBUTES = 'HttpOnly; Secure; SameSite=Lax; Path=/'
const SESSION = /^[A-Za-z0-9_-]{43}$/

export function sessionCookie(session: string): string {
  return `${SESSION_COOKIE}=${session}; ${ATTRIBUTES}`
}

export function clearedSessionCookie(): string {
  return `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`
}

/** The session a request shows. Two cookies of the name are two claims: neither is believed. */
export function readSessionCookie(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`))
    .map((pair) => pair.slice(SESSION_COOKIE.length + 1))
  const [value] = values
  return values.length === 1 && value !== undefined && SESSION.test(value) ? value : undefined
}

/** Whether this path may follow a sign-in: one of our own, and nothing a browser reads as another host. */
export function isLocalPath(path: string): boolean {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.includes('\\')
}

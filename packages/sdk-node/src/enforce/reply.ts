/** An answer of Esper's own, for an adapter to write. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What no cache may keep and no client may take for another's. */
export const UNCACHED = {
  'cache-control': 'no-store',
  vary: 'Accept, Cookie, User-Agent, Sec-Fetch-Mode',
} as const

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

/** JSON for a `<script type="application/json">`: nothing in it can end the element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** What of a request decides the form of an answer. */
export interface RequestFacts {
  readonly method: string
  /** Path and query as on the wire. */
  readonly url: string
  readonly accept: string | undefined
  readonly secFetchMode: string | undefined
}

/** Whether a person navigates here: told by Fetch Metadata, or, where a client sends none, by asking for HTML. */
export function isNavigation(facts: RequestFacts): boolean {
  if (facts.secFetchMode !== undefined) return facts.secFetchMode === 'navigate'
  return facts.accept?.includes('text/html') === true
}

const STATIC_FILE =
  /\.(?:css|js|mjs|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|mp4|webm|mp3|txt|xml|webmanifest)$/i

/** Preflights and static files are never challenged: nobody could solve a challenge there. */
export function isChallengeable(facts: RequestFacts): boolean {
  if (facts.method === 'OPTIONS') return false
  const [path = ''] = facts.url.split('?')
  return !((facts.method === 'GET' || facts.method === 'HEAD') && STATIC_FILE.test(path))
}

/** A problem as RFC 9457 has it. */
export function problemReply(status: number, headers: Readonly<Record<string, string>>, problem: object): Reply {
  return {
    status,
    headers: { ...UNCACHED, 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ status, ...problem }),
  }
}

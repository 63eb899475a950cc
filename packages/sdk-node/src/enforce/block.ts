import type { BlockResponse, PolicyWindow } from '@esper/core'
import { pageReply } from './page.js'
import { rateLimitHeaders } from './rate-limit.js'
import { escapeHtml, isNavigation, problemReply, type Reply, type RequestFacts } from './reply.js'

/** What a block is answered with, and when it may be tried again. */
export interface BlockContext {
  readonly facts: RequestFacts
  readonly response: BlockResponse | undefined
  readonly window: PolicyWindow | undefined
  /** Until when the client is refused, in milliseconds from now; undefined when no wait helps. */
  readonly waitMs: number | undefined
  readonly reference: string
}

function retryAfter({ response, waitMs }: BlockContext): number | undefined {
  if (typeof response?.retry_after === 'number') return response.retry_after
  return waitMs === undefined ? undefined : Math.max(1, Math.ceil(waitMs / 1000))
}

function contactLink(url: string | undefined): string {
  if (url === undefined || !/^(?:https?:\/\/|mailto:)/i.test(url)) return ''
  return `<p><a href="${escapeHtml(url)}" rel="noreferrer">Get in touch</a> if you think that this is a mistake.</p>\n`
}

function waitText(seconds: number): string {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
  return seconds < 5_400 ? `${Math.ceil(seconds / 60)} minutes` : `${Math.ceil(seconds / 3_600)} hours`
}

/** The answer to a blocked request: a page for people who navigate, a problem for everything else. */
export function blockReply(context: BlockContext): Reply {
  const { facts, response, reference } = context
  const status = response?.status ?? 403
  const seconds = retryAfter(context)
  const { window } = context
  const limit =
    window === undefined || window.distinct !== undefined
      ? {}
      : rateLimitHeaders({ window, remaining: 0, seconds: seconds ?? window.seconds })
  const headers: Record<string, string> = {
    'esper-mitigation': 'block',
    'esper-reference': reference,
    'access-control-expose-headers': 'Esper-Mitigation, Esper-Reference, Retry-After',
    ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    ...limit,
  }
  const title = status === 429 ? 'Too many requests' : 'Access denied'
  const detail =
    response?.body ?? (status === 429 ? 'You have sent too many requests.' : 'This request was not allowed.')
  if (!isNavigation(facts)) {
    const code = status === 429 ? 'too-many-requests' : 'blocked'
    const instance = `urn:esper:decision:${reference}`
    return problemReply(status, headers, { type: `https://esper.dev/problems/${code}`, title, detail, code, instance })
  }
  const again = seconds === undefined ? '' : `<p class="muted">You can try again in ${waitText(seconds)}.</p>\n`
  const main = `<p>${escapeHtml(detail)}</p>\n${again}${contactLink(response?.contact_url)}`
  return pageReply({ status, title, main, reference, headers })
}

import { LIMITS } from '@esper/core'
import type { Ruleset } from '../decide/ruleset.js'
import type { BodySource } from '../request/body-source.js'
import type { ReadRequest } from '../request/read-request.js'
import { CHALLENGE_JS, PATHS, WORKER_JS } from './assets.js'
import type { ChallengeDesk, SolveOutcome } from './challenge-desk.js'
import { formHtml } from './challenge-page.js'
import { clearanceCookie } from './clearance-cookie.js'
import { holdBody } from './held-body.js'
import { pageReply } from './page.js'
import { escapeHtml, problemReply, type Reply, UNCACHED } from './reply.js'

export interface EndpointContext {
  readonly request: ReadRequest
  readonly body: BodySource
  readonly ruleset: Ruleset | undefined
  readonly nowMs: number
}

const OWN_PATHS: ReadonlySet<string> = new Set(Object.values(PATHS))
const BODY_LIMITS = { maxBytes: LIMITS.challengeBodyBytes, timeoutMs: 5_000 }

const TITLES: Readonly<Record<number, string>> = {
  400: 'Not a solution',
  403: 'Not for this client',
  405: 'Method not allowed',
  409: 'Already used',
  410: 'Expired',
  413: 'Too large',
  422: 'Wrong solution',
  429: 'Too many tries',
  503: 'Not ready',
}

function problem(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return problemReply(status, headers, { type: `https://esper.dev/problems/${code}`, title: TITLES[status], code })
}

function script(body: string): Reply {
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=600',
    'x-content-type-options': 'nosniff',
  }
  return { status: 200, headers, body }
}

/** Esper's own addresses in the application: scripts of the challenge page, solutions, and waiting. */
export class Endpoints {
  readonly #desk: ChallengeDesk

  constructor(desk: ChallengeDesk) {
    this.#desk = desk
  }

  /** Whether a request is for one of them. */
  owns(url: string): boolean {
    return url.startsWith('/.esper/') && OWN_PATHS.has(pathOf(url))
  }

  /** The answer to a request for one of them. May reject. */
  async reply(context: EndpointContext): Promise<Reply | undefined> {
    const { method, url } = context.request.facts
    const path = pathOf(url)
    if (path === PATHS.script || path === PATHS.worker) {
      if (method !== 'GET' && method !== 'HEAD') return problem(405, 'method-not-allowed', { allow: 'GET, HEAD' })
      return script(path === PATHS.script ? CHALLENGE_JS : WORKER_JS)
    }
    if (path === PATHS.verify)
      return method === 'POST' ? this.#solve(context) : problem(405, 'method-not-allowed', { allow: 'POST' })
    if (path === PATHS.wait) {
      if (method === 'GET' || method === 'POST') return this.#wait(context)
      return problem(405, 'method-not-allowed', { allow: 'GET, POST' })
    }
    return undefined
  }

  async #solve(context: EndpointContext): Promise<Reply> {
    const { ruleset, nowMs, body } = context
    if (ruleset === undefined) return problem(503, 'not-ready', { 'retry-after': '5' })
    if ((body.declaredBytes ?? 0) > BODY_LIMITS.maxBytes) return problem(413, 'too-large', { connection: 'close' })
    const payload = body.parsed ?? parseJson(await body.read(BODY_LIMITS))
    const outcome = await this.#desk.solve(payload, clientOf(context), { ruleset, nowMs })
    if (!outcome.ok) return refusal(outcome)
    const cookie = clearanceCookie(outcome, { request: context.request, ruleset, nowMs })
    return {
      status: 200,
      headers: { ...UNCACHED, 'content-type': 'application/json', 'set-cookie': cookie },
      body: JSON.stringify({ clearance: outcome.token, expires_in: outcome.seconds }),
    }
  }

  async #wait(context: EndpointContext): Promise<Reply> {
    const { ruleset, nowMs } = context
    const { method, url } = context.request.facts
    const token = new URLSearchParams(url.slice(url.indexOf('?'))).get('token') ?? ''
    const outcome =
      ruleset === undefined ? undefined : await this.#desk.wait(token, clientOf(context), { ruleset, nowMs })
    if (ruleset === undefined || outcome?.ok !== true) return notOver(context, outcome)
    // 307 makes the browser send a form again as it was, to where it was meant for.
    const headers = {
      ...UNCACHED,
      location: outcome.returnTo ?? '/',
      'set-cookie': clearanceCookie(outcome, { request: context.request, ruleset, nowMs }),
    }
    return { status: method === 'POST' ? 307 : 303, headers, body: '' }
  }
}

function clientOf({ request }: EndpointContext): { address: string | undefined; userAgent: string } {
  return { address: request.client.address, userAgent: request.userAgent }
}

function pathOf(url: string): string {
  const [path = ''] = url.split('?')
  return path
}

function parseJson(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

function refusal(outcome: Exclude<SolveOutcome, { ok: true }>): Reply {
  const headers = outcome.retrySeconds === undefined ? {} : { 'retry-after': String(outcome.retrySeconds) }
  return problem(outcome.status, outcome.code, headers)
}

/** Asks for more patience, with a form that was sent too early still in hand. */
async function notOver({ request, body }: EndpointContext, outcome: SolveOutcome | undefined): Promise<Reply> {
  const status = outcome?.ok === false ? outcome.status : 503
  if (status === 409) {
    const main = '<p>Go back and load the page again.</p>'
    return pageReply({ status, title: 'This link was used already', main, reference: 'wait' })
  }
  const { method, url } = request.facts
  const held = await holdBody(method, body)
  const link = `<p><a class="button" href="${escapeHtml(url)}">Continue</a></p>`
  const form = formHtml(held, url, '<button type="submit">Continue</button>')
  const main = `<p>The wait is not over, or this link is too old.</p>${held.kind === 'form' ? form : link}`
  return pageReply({ status, title: 'Please wait a little longer', main, reference: 'wait' })
}

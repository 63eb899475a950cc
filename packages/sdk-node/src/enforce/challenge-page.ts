import type { Challenge } from 'altcha-lib'
import { PATHS } from './assets.js'
import { pageReply } from './page.js'
import { escapeHtml, problemReply, type Reply, scriptJson } from './reply.js'

/** What a challenged request had sent, so that it comes through after solving. */
export type HeldBody =
  | { readonly kind: 'none' }
  /** Names and values of a form, in order. */
  | { readonly kind: 'form'; readonly fields: readonly (readonly [name: string, value: string])[] }
  /** A body that cannot be carried over: the visitor has to send it again. */
  | { readonly kind: 'lost' }

export interface ChallengePage {
  readonly challenge: Challenge
  /** Path and query of the challenged request. */
  readonly url: string
  readonly held: HeldBody
  readonly reference: string
  /** For visitors without JavaScript, where the mitigation accepts waiting. */
  readonly wait: { readonly url: string; readonly seconds: number } | undefined
}

/** Headers of every challenge. */
function challengeHeaders(reference: string): Record<string, string> {
  return {
    'esper-mitigation': 'challenge',
    'esper-reference': reference,
    'access-control-expose-headers': 'Esper-Mitigation, Esper-Reference',
  }
}

/** A form that sends what was held to `action`, with whatever is to be seen in it. */
export function formHtml(held: HeldBody, action: string, content = ''): string {
  if (held.kind !== 'form') return ''
  const inputs = held.fields.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  return `<form id="esper-form" method="post" action="${escapeHtml(action)}">\n${inputs.join('\n')}\n${content}</form>\n`
}

function withoutScript({ wait, held }: ChallengePage): string {
  if (wait === undefined) return '<noscript><p>Please turn on JavaScript, then load this page again.</p></noscript>\n'
  const url = escapeHtml(wait.url)
  const text = `<p>Without JavaScript, wait ${wait.seconds} seconds, then continue.</p>`
  const go =
    held.kind === 'form'
      ? `<p><button type="submit" form="esper-form" formaction="${url}">Continue</button></p>`
      : `<p><a class="button" href="${url}">Continue</a></p>`
  return `<noscript>${text}${go}</noscript>\n`
}

/** The interstitial for people who navigate. */
export function challengePage(page: ChallengePage): Reply {
  const { challenge, held, wait, reference } = page
  const data = { challenge, verify: PATHS.verify, worker: PATHS.worker, wait, lost: held.kind === 'lost' }
  const refresh =
    wait === undefined || held.kind !== 'none'
      ? ''
      : `<noscript><meta http-equiv="refresh" content="${wait.seconds + 1};url=${escapeHtml(wait.url)}"></noscript>\n`
  const lost = held.kind === 'lost' ? '<p>You will have to send what you filled in once more.</p>\n' : ''
  const main = `<p>We are making sure that your browser is a real one. You need not do anything: the page you asked for follows.</p>
${lost}<div class="track" id="esper-track" aria-hidden="true"><div class="bar"></div></div>
<p id="esper-status" class="muted" role="status" aria-live="polite">Checking your browser…</p>
<p hidden id="esper-again"><button type="button" id="esper-retry">Try again</button></p>
${formHtml(held, page.url)}${withoutScript(page)}<script type="application/json" id="esper-challenge">${scriptJson(data)}</script>`
  return pageReply({
    status: 403,
    title: 'One moment',
    main,
    reference,
    script: true,
    head: `${refresh}<script src="${PATHS.script}" defer></script>\n`,
    headers: challengeHeaders(reference),
  })
}

/** The same challenge for programs. */
export function challengeProblem(challenge: Challenge, reference: string): Reply {
  return problemReply(403, challengeHeaders(reference), {
    type: 'https://esper.dev/problems/challenge-required',
    title: 'Verification required',
    detail: 'Complete the challenge, then repeat the request.',
    code: 'challenge-required',
    instance: `urn:esper:decision:${reference}`,
    challenge: { provider: 'pow', verify: PATHS.verify, expires_at: challenge.parameters.expiresAt, ...challenge },
  })
}

/** For a client that solved again and again and still was not let through. */
export function stuckPage(reference: string): Reply {
  const main = `<p>Your browser passed the check, but could not keep the result. Please allow cookies for this site,
then try again in a few minutes.</p>`
  return pageReply({ status: 403, title: 'This is not working', main, reference, headers: challengeHeaders(reference) })
}

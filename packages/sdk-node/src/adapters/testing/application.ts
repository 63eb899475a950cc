import type { RequestEsper } from '../../index.js'

/** One request as the test application sees it, whatever the framework. */
export interface Ask {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly esper: RequestEsper
  /** The body as the application reads it. */
  readonly readBody: () => Promise<string>
}

let reached = 0

/** Notes that a request came as far as the application, for frameworks that read its body before they say so. */
export function noteReached(): void {
  reached += 1
}

export interface Said {
  readonly status: number
  readonly body: string
}

/**
 * The application that every adapter stands in front of:
 * `/known` says who it is and stops where Esper answers, `/stubborn` goes on all the same, `/status/418` answers so,
 * `/throw` throws, `/slow` takes 300 ms, `/reached` says how many requests came as far as this, and anything else says what it
 * was asked.
 */
export async function answer({ method, url, esper, readBody }: Ask): Promise<Said | undefined> {
  const { pathname, searchParams } = new URL(url, 'http://app.example')
  if (pathname === '/reached') return said({ reached })
  noteReached()
  if (pathname.startsWith('/status/')) return said({}, Number(pathname.slice('/status/'.length)))
  if (pathname === '/throw') throw new Error('mine')
  if (pathname === '/slow') await new Promise((resolve) => setTimeout(resolve, 300))
  if (pathname === '/known' || pathname === '/stubborn') {
    const entry = esper.decision
    const decision = esper.decide({
      user_id: searchParams.get('user') ?? undefined,
      labels: { plan: searchParams.get('plan') ?? undefined },
    })
    if (decision.enforced && pathname === '/known') return undefined
    return said({ entry, decision, again: esper.decision })
  }
  return said({ method, url, body: await readBody(), decision: esper.decision })
}

function said(body: object, status = 200): Said {
  return { status, body: JSON.stringify(body) }
}

export type Major = 15 | 16
export type MiddlewareRuntime = 'nodejs' | 'edge'

const ESPER = `import { createEsper } from '@esper/sdk'

// One client for all bundles that Next makes of the application.
export const esper = (globalThis.esper ??= createEsper(JSON.parse(process.env.ESPER_TEST_OPTIONS ?? '{}')))
`

const LAYOUT = `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>
}
`

const PAGE = `export const dynamic = 'force-dynamic'
export default function Page() {
  return <p>a page</p>
}
`

/** What the test application does, in one place for both adapters. */
const ANSWER = `import { answer } from './application.js'

export async function respond(request, esper) {
  const url = request.url.slice(request.url.indexOf('/', 8))
  const said = await answer({ method: request.method, url, esper, readBody: () => request.text() })
  return new Response(said?.body ?? null, { status: said?.status ?? 204 })
}
`

const ROUTE = `import { esperRoute } from '@esper/sdk/next'
import { respond } from '../../lib/answer.js'
import { esper } from '../../lib/esper.js'

const handler = esperRoute(esper, (request, { esper: own }) => respond(request, own))
export { handler as GET, handler as POST, handler as OPTIONS }
`

/** Behind the proxy, without a guard of its own. */
const BEHIND = `export async function POST(request) {
  return Response.json({ body: await request.text() }, { status: 201 })
}
`

function proxy(name: 'proxy' | 'middleware', runtime: MiddlewareRuntime | undefined): string {
  return `import { esperNext } from '@esper/sdk/next'
import { NextResponse } from 'next/server'
import { respond } from './lib/answer.js'
import { esper } from './lib/esper.js'

const answering = esperNext(esper, (request, { esper: own }) => respond(request, own))
const passing = esperNext(esper)

export function ${name}(request, event) {
  if (process.env.VARIANT !== 'proxy') return NextResponse.next()
  return request.nextUrl.pathname.startsWith('/behind') ? passing(request, event) : answering(request, event)
}
${runtime === undefined ? '' : `export const config = { runtime: '${runtime}' }\n`}`
}

/** The files of a small application of this major, whose requests are answered behind its proxy or by a protected route. */
export function applicationFiles(major: Major, runtime: MiddlewareRuntime): Readonly<Record<string, string>> {
  const isProxy = major === 16 && runtime === 'nodejs'
  return {
    'package.json': JSON.stringify({ name: 'next-test', private: true, type: 'module' }),
    'lib/esper.js': ESPER,
    'lib/answer.js': ANSWER,
    'app/layout.js': LAYOUT,
    'app/behind/page.js': PAGE,
    'app/behind/body/route.js': BEHIND,
    'app/[...path]/route.js': ROUTE,
    // Next 16 calls it proxy, which always runs in Node.
    ...(isProxy
      ? { 'proxy.js': proxy('proxy', undefined) }
      : { 'middleware.js': proxy('middleware', runtime === 'edge' ? undefined : runtime) }),
  }
}

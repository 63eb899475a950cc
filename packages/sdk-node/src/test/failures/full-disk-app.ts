import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { silentLogger } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { createEsper } from '../../index.js'

/** Decides five requests with its bundle, closes, and says on standard output how it went. */
const warnings: string[] = []
const warn = (message: string, data?: object) => void warnings.push(`${message} ${JSON.stringify(data)}`)
const esper = createEsper({ logger: { ...silentLogger, warn, error: warn } })
await waitUntil(() => esper.status().bundle.state === 'fresh', { everyMs: 5 })
for (let n = 0; n < 5; n += 1) {
  const request = new IncomingMessage(new Socket())
  request.method = 'GET'
  request.url = `/${n}`
  esper.decide(request)
}
await esper.close({ timeoutMs: 5_000 })
process.stdout.write(JSON.stringify({ ...esper.status(), warnings }))

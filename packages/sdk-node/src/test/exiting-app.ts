import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { createEsper } from '../index.js'

/** Decides seven requests, then ends as its first argument says: `exit`, `close` (then exit), or `end` by itself. */
const esper = createEsper({ maxBatchAgeMs: 60_000 })
for (let n = 0; n < 7; n += 1) {
  const request = new IncomingMessage(new Socket())
  request.method = 'GET'
  request.url = `/${n}`
  esper.decide(request)
}
const [, , how] = process.argv
if (how === 'close') await esper.close({ timeoutMs: 5_000 })
if (how !== 'end') process.exit(3)

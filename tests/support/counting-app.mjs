import { createEsper } from '@esper/sdk'
import { esperExpress } from '@esper/sdk/express'
import express from 'express'

/** An application that says what its SDK knows, at an address that the SDK does not see. */
const esper = createEsper({ trustProxy: ['127.0.0.0/8'], maxBatchAgeMs: 100, maxBatchEvents: 20 })
const app = express()
app.get('/-/status', (_req, res) => res.json(esper.status()))
app.use(esperExpress(esper))
app.get('/', (_req, res) => res.send('here'))
const server = app.listen(Number(process.env.PORT), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${process.env.PORT}`),
)
process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await esper.close({ timeoutMs: 5_000 })
  process.exit(0)
})

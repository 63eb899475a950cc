import { createEsper } from '@esper/sdk'
import { createApp } from './app.mjs'

const { PORT = '8088', ESPER_URL } = process.env

// ESPER_URL, ESPER_KEY_ID and ESPER_SECRET come from the environment. Visitors of the demo come through a proxy on this
// machine (the traffic generator), so its word about their addresses is taken, and nobody else's.
const esper = ESPER_URL ? createEsper({ trustedProxies: ['loopback'] }) : undefined

const server = createApp({ esper }).listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) {
    console.error(`The shop cannot listen on port ${PORT} (${error.code}); set PORT to another one.`)
    process.exit(1)
  }
  console.log(`Shop at http://127.0.0.1:${PORT} ${esper ? `protected by Esper at ${ESPER_URL}` : 'without Esper'}`)
})

async function stop() {
  server.close()
  server.closeIdleConnections()
  await esper?.close({ timeoutMs: 5_000 })
  process.exit(0)
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)

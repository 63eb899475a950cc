import { createEsper } from '@esper/sdk'
import { createApp } from './app.mjs'

const { PORT = '8088', ESPER_URL } = process.env

const esper = createEsper({
  // The address and the key come from ESPER_URL, ESPER_KEY_ID and ESPER_SECRET. Without them the shop runs without Esper.
  disabled: ESPER_URL ? undefined : true,
  // The traffic generator plays many visitors from this machine, so its X-Forwarded-For is believed. Nobody else's is.
  trustProxy: ['127.0.0.0/8', '::1'],
})

const server = createApp({ esper }).listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) {
    console.error(`The shop cannot listen on port ${PORT} (${error.code}); set PORT to another one.`)
    process.exit(1)
  }
  console.log(`Shop at http://127.0.0.1:${PORT}, ${ESPER_URL ? `protected by Esper at ${ESPER_URL}` : 'without Esper'}`)
})

async function stop() {
  server.close()
  server.closeIdleConnections()
  await esper.close({ timeoutMs: 5_000 })
  process.exit(0)
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)

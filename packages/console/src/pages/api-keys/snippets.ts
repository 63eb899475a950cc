interface KeyAccess {
  readonly url: string
  readonly keyId: string
  readonly secret: string
}

/** The three settings an SDK needs, as a `.env` file. */
export function envSnippet({ url, keyId, secret }: KeyAccess): string {
  return `ESPER_URL=${url}\nESPER_KEY_ID=${keyId}\nESPER_SECRET=${secret}\n`
}

export const INSTALL_SNIPPET = 'npm install @esper/sdk\n'

export const EXPRESS_SNIPPET = `import express from 'express'
import { createEsper } from '@esper/sdk'
import { esperExpress } from '@esper/sdk/express'

const esper = createEsper() // reads ESPER_URL, ESPER_KEY_ID and ESPER_SECRET
const app = express()
app.use(esperExpress(esper))
`

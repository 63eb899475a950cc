import { fileURLToPath } from 'node:url'
import { esperExpress } from '@esper/sdk/express'
import express from 'express'
import { createShop } from './shop.mjs'

const PUBLIC = fileURLToPath(new URL('../public', import.meta.url))

/** The shop behind Esper. */
export function createApp({ esper }) {
  const app = express()
  app.disable('x-powered-by')
  app.use(express.static(PUBLIC, { maxAge: '1h' }))
  app.use(express.urlencoded({ extended: false, limit: '16kb' }))
  app.use(esperExpress(esper))
  app.use(createShop())
  return app
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startGuarded } from '../../database/embedded/guarded-process.js'
import { setUpDemo } from '../../dev/setup-demo.js'
import type { DevOutput } from './dev-output.js'
import type { DevUrls } from './dev-services.js'
import { type DevState, saveDevState } from './dev-state.js'
import type { DevProcess } from './service-process.js'

const SHOP = join('examples', 'express-app', 'src', 'main.mjs')
const TRAFFIC = join('scripts', 'traffic.mjs')
const LISTEN_TIMEOUT_MS = 15_000

export interface DemoOptions {
  readonly urls: DevUrls
  readonly demoPort: number
  readonly home: string
  readonly state: DevState
  readonly operatorToken: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly output: DevOutput
}

export interface Demo {
  readonly tenantId: string
  readonly shop: DevProcess
}

/** Whether the demo application is here: it comes with the repository, not with the published package. */
export function hasDemo(): boolean {
  return existsSync(SHOP)
}

/** Sets the demo tenant up as an operator would and starts the shop that signs with its key. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { urls, state, home, operatorToken } = options
  const kept = state.demo
  const tenant = await setUpDemo({ apiUrl: urls.server, operatorToken, ...(kept === undefined ? {} : { kept }) })
  if (tenant !== kept) saveDevState(home, { ...state, demo: tenant })
  const shop = await startScript('demo', [SHOP], {
    ...options,
    env: {
      ...options.env,
      PORT: String(options.demoPort),
      ESPER_URL: urls.server,
      ESPER_KEY_ID: tenant.key_id,
      ESPER_SECRET: tenant.secret,
    },
  })
  await Promise.race([
    waitUntilListening(urls.demo),
    shop.ended.then((reason) => Promise.reject(new Error(`the demo application ended at once (${reason})`))),
  ])
  return { tenantId: tenant.tenant_id, shop }
}

/** Traffic to the shop until it is stopped. */
export function startTraffic(options: Pick<DemoOptions, 'urls' | 'env' | 'output'>): Promise<DevProcess> {
  return startScript('traffic', [TRAFFIC, '--url', options.urls.demo, '--until-stopped'], options)
}

async function startScript(
  name: string,
  args: readonly string[],
  { env, output }: Pick<DemoOptions, 'env' | 'output'>,
): Promise<DevProcess> {
  const child = await startGuarded({ command: process.execPath, args, env: { ...env } })
  output.follow(name, child.output)
  return { name, ended: child.ended, stop: child.stop }
}

async function waitUntilListening(url: string): Promise<void> {
  const deadline = performance.now() + LISTEN_TIMEOUT_MS
  for (;;) {
    try {
      await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(2_000) })
      return
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`nothing listens at ${url}`, { cause: error })
    }
    await delay(100)
  }
}

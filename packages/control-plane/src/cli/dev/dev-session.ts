import { resolve } from 'node:path'
import type { Config } from '../../config/options.js'
import type { Role } from '../../runtime/role.js'
import { openDevDatabase } from './dev-database.js'
import { hasDemo, startDemo, startTraffic } from './dev-demo.js'
import type { DevOutput } from './dev-output.js'
import { reserveDevPorts } from './dev-ports.js'
import { devUrls, startServices } from './dev-services.js'
import { openDevState } from './dev-state.js'
import { createLoginLink, createOperatorToken, type InternalCallOptions } from './internal-calls.js'
import type { DevProcess } from './service-process.js'

export interface DevOptions {
  readonly config: Config
  readonly env: Readonly<Record<string, string | undefined>>
  readonly program: string
  readonly demo: boolean
  readonly traffic: boolean
  readonly output: DevOutput
}

/** The one line that `--json` prints. */
export interface DevReport {
  readonly console_url: string
  readonly api_url: string
  readonly login_url: string
  readonly operator_token: string
  readonly tenant_id: string | null
  readonly demo_url: string | null
  readonly database: string
}

export interface DevSession {
  readonly report: DevReport
  newLoginLink(): Promise<string>
}

/** Each group when the one before is ready. All of them wait for one another, but saying so at every start is noise. */
const START_ORDER: readonly (readonly Role[])[] = [['ingestion-broker', 'mitigation-broker', 'server'], ['engine']]
/** The user that `esper dev` signs in. */
const DEVELOPER = 'Local developer'

/** Everything `esper dev` started, in order. */
export class DevProcesses {
  readonly #running: DevProcess[] = []
  #onEnd: (what: string) => void = () => undefined
  #stopping = false

  /** Resolves, with what happened, when one of them ends by itself. */
  readonly firstEnd = new Promise<string>((done) => {
    this.#onEnd = done
  })

  add(...processes: readonly DevProcess[]): void {
    for (const one of processes) {
      if (this.#stopping) throw new Error('stopped while starting')
      this.#running.push(one)
      void one.ended.then((reason) => this.#stopping || this.#onEnd(`${one.name} ended by itself (${reason})`))
    }
  }

  /** In reverse: what sends before what receives, the database last. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (let one = this.#running.pop(); one !== undefined; one = this.#running.pop()) await one.stop()
  }
}

/** Starts the database, the services, the demo and its traffic. What has started stands in `processes`, also on failure. */
export async function startDevSession(options: DevOptions, processes: DevProcesses): Promise<DevSession> {
  const { config, output } = options
  const home = resolve(config.dataDir)
  const demo = options.demo && hasDemo()
  const state = openDevState(home)
  const ports = await reserveDevPorts(config, { demo })
  const database = await openDevDatabase({ config, home, say: output.say })
  if (database.process !== undefined) processes.add(database.process)
  output.say(`database: ${database.description}`)
  for (const roles of START_ORDER) {
    const services = startServices({ ...options, ports, state, mongodbUri: database.uri }, roles)
    processes.add(...services)
    await Promise.all(services.map((service) => service.ready))
  }
  const urls = devUrls({ config, ports })
  const serviceToken = config.serviceToken === '' ? state.service_token : config.serviceToken
  const internal: InternalCallOptions = { internalUrl: urls.internal, serviceToken }
  const operatorToken = await createOperatorToken(internal, DEVELOPER)
  const started = demo
    ? await startDemo({ ...options, urls, home, state, operatorToken, demoPort: ports.demoPort })
    : undefined
  if (started !== undefined) {
    processes.add(started.shop)
    if (options.traffic) processes.add(await startTraffic({ ...options, urls }))
  }
  return {
    newLoginLink: () => createLoginLink(internal, DEVELOPER),
    report: {
      console_url: urls.server,
      api_url: `${urls.server}/api/v1`,
      login_url: await createLoginLink(internal, DEVELOPER),
      operator_token: operatorToken,
      tenant_id: started?.tenantId ?? null,
      demo_url: started === undefined ? null : urls.demo,
      database: database.description,
    },
  }
}

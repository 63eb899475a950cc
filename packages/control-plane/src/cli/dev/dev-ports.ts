import { createServer } from 'node:net'
import { type Config, OPTIONS } from '../../config/options.js'

const SERVICE_PORTS = [
  'serverPort',
  'healthPort',
  'metricsPort',
  'ingestionBrokerPort',
  'mitigationBrokerPort',
  'workerPort',
] as const
type PortKey = (typeof SERVICE_PORTS)[number] | 'demoPort'

export type DevPorts = Readonly<Record<PortKey, number>>

/** The ports of everything `esper dev` starts, 0 replaced by a free one. Throws one error that names all taken ones. */
export async function reserveDevPorts(config: Config, { demo }: { readonly demo: boolean }): Promise<DevPorts> {
  const keys: PortKey[] = demo ? [...SERVICE_PORTS, 'demoPort'] : [...SERVICE_PORTS]
  const ports: Record<PortKey, number> = {
    serverPort: config.serverPort,
    healthPort: config.healthPort,
    metricsPort: config.metricsPort,
    ingestionBrokerPort: config.ingestionBrokerPort,
    mitigationBrokerPort: config.mitigationBrokerPort,
    workerPort: config.workerPort,
    demoPort: config.demoPort,
  }
  const problems: string[] = []
  const held: { close(): void }[] = []
  for (const key of keys) {
    const host = key === 'serverPort' ? config.serverHost : key === 'demoPort' ? '127.0.0.1' : config.internalHost
    const taken = await listen(ports[key], host)
    if (taken.ok) {
      ports[key] = taken.port
      held.push(taken)
    } else {
      problems.push(`Port ${ports[key]} is taken (${taken.reason}). Choose another one with ${nameOf(key)}.`)
    }
  }
  for (const one of held) one.close()
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return ports
}

function nameOf(key: PortKey): string {
  const { flag, env } = OPTIONS[key]
  return `--${flag} or ${env}`
}

type Listening =
  | { readonly ok: true; readonly port: number; close(): void }
  | { readonly ok: false; readonly reason: string }

function listen(port: number, host: string): Promise<Listening> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ ok: false, reason: error.code ?? error.message }))
    server.listen(port, host, () => {
      const address = server.address()
      const given = typeof address === 'object' && address !== null ? address.port : port
      resolve({ ok: true, port: given, close: () => server.close() })
    })
  })
}

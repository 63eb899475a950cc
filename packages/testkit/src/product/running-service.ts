import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Role, type ServiceProcess, startService } from '@esper/control-plane/testing'

export type RunningService = Pick<ServiceProcess, 'ready' | 'ended' | 'stop' | 'kill'>

export interface RunServiceOptions {
  readonly role: Role
  readonly env: Readonly<Record<string, string>>
  /** Everything it writes is added here. */
  readonly lines: string[]
}

const GRACE_MS = 20_000

/** A service of the built package. Stopping or killing one that has ended does nothing. */
export function runService({ role, env, lines }: RunServiceOptions): RunningService {
  const folder = dirname(createRequire(import.meta.url).resolve('@esper/control-plane/package.json'))
  const service = startService({ role, program: join(folder, 'dist', 'cli', 'main.js'), env, graceMs: GRACE_MS })
  for (const input of service.output) createInterface({ input }).on('line', (line) => lines.push(`${role}: ${line}`))
  return service
}

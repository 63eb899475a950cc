import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const stateSchema = z.object({
  service_token: z.string().min(32),
  master_keys: z.string().min(40),
  demo: z.object({ tenant_id: z.string(), key_id: z.string(), secret: z.string() }).optional(),
})

/** What one machine's Esper keeps between starts: its own secrets, and the demo's key. */
export type DevState = z.infer<typeof stateSchema>

/** The state of an earlier start, or a new one. The folder and the file are for their owner alone. */
export function openDevState(home: string): DevState {
  mkdirSync(home, { recursive: true })
  chmodSync(home, 0o700)
  let text: string
  try {
    text = readFileSync(pathOf(home), 'utf8')
  } catch {
    return saveDevState(home, newState())
  }
  const parsed = stateSchema.safeParse(parseJson(text))
  if (!parsed.success) {
    throw new Error(`${pathOf(home)} is damaged. Mend it, or delete the whole folder ${home} to begin anew.`)
  }
  chmodSync(pathOf(home), 0o600)
  return parsed.data
}

export function saveDevState(home: string, state: DevState): DevState {
  const path = pathOf(home)
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return state
}

function newState(): DevState {
  return {
    service_token: randomBytes(32).toString('base64url'),
    master_keys: `k1:${randomBytes(32).toString('base64')}`,
  }
}

function pathOf(home: string): string {
  return join(home, 'secrets.json')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

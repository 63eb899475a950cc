import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demandOf, formatLocalBundle } from '@esper/core'
import { program } from './kernel.mjs'
import { policies } from './workload.mjs'

const SECOND_POLICY = { name: 'every request', source: 'true', window: { seconds: 60, threshold: 1_000_000_000 } }

/** What an SDK decides with: so many policies, and one that counts every request of each client address, as a limiter does. */
function bundleContent(count) {
  const written = policies(count - 1).map(({ source }, index) => ({ name: `p${index}`, source }))
  const base = {
    actions: [],
    entity_definitions: [{ entity_definition_id: 'ent_ip', name: 'ip', priority: 1, key_fields: ['client_ip'] }],
    policies: [...written, { ...SECOND_POLICY, entity: 'ent_ip', mitigation: 'mit_block' }].map(policyOf),
  }
  const block = { mitigation_id: 'mit_block', name: 'block', mode: 'Block', duration_seconds: 60, scope: 'policy' }
  return {
    ...{ format: 1, tenant_id: 'ten_bench', source_id: 'web', trust_level: 'Internal', revision: 1, built_at: 0 },
    ...{ enforcement: 'on', clear_cookies: [], demand: demandOf(base), ...base },
    mitigations: [{ ...block, fail_mode: 'open', response: { status: 429, retry_after: 'auto' } }],
  }
}

function policyOf({ name, source, window, entity, mitigation }, index) {
  const id = `pol_${String(index).padStart(4, '0')}`
  return {
    ...{ policy_id: id, name, revision: 1, priority: index, program: program(source), action_ids: [] },
    ...(window === undefined ? {} : { window }),
    ...(entity === undefined ? {} : { entity_definition_id: entity, mitigation_id: mitigation }),
  }
}

/** Writes the bundle file of so many policies and gives its path; the file goes when the process ends. */
export function bundleFile(count) {
  const folder = mkdtempSync(join(tmpdir(), 'esper-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'esper.bundle.json')
  writeFileSync(file, formatLocalBundle(bundleContent(count)))
  return file
}

/** Waits until every event recorded has found its end. */
export async function settled(esper) {
  for (;;) {
    const { queued, in_flight: inFlight } = esper.status().delivery
    if (queued + inFlight === 0) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

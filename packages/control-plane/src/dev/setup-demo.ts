import { type ApiRecord, createOperatorClient, type OperatorClient } from '../clients/operator-client.js'
import {
  DEMO_ACTIONS,
  DEMO_API_KEY,
  DEMO_ENTITY_DEFINITIONS,
  DEMO_MITIGATIONS,
  DEMO_POLICIES,
  DEMO_TENANT,
  type DemoPolicy,
} from './demo-resources.js'

/** The demo tenant and the key its shop signs with. A secret is shown once, so the caller keeps this. */
export interface DemoTenant {
  readonly tenant_id: string
  /** `<api_key_id>.<version>`, as the SDK takes it. */
  readonly key_id: string
  readonly secret: string
}

export interface SetUpDemoOptions {
  /** Origin of esper-server, for example `http://127.0.0.1:8080`. */
  readonly apiUrl: string
  readonly operatorToken: string
  /** What an earlier start returned. While its tenant and key still exist, nothing is created or changed. */
  readonly kept?: DemoTenant
}

/**
 * Sets the demo tenant up through the public API alone. What is there already is left as its owner made it: a second
 * start finds it, and one that was interrupted is finished. Only a lost secret makes a new API key.
 */
export async function setUpDemo(options: SetUpDemoOptions): Promise<DemoTenant> {
  const client = createOperatorClient(options)
  if (options.kept && (await stillThere(client, options.kept))) return options.kept
  const tenantId = await findOrCreateTenant(client)
  const at = `tenants/${tenantId}`
  const ids = {
    actions: await findOrCreate(client, { path: `${at}/actions`, id: 'action_id', wanted: DEMO_ACTIONS }),
    entities: await findOrCreate(client, {
      path: `${at}/entity-definitions`,
      id: 'entity_definition_id',
      wanted: DEMO_ENTITY_DEFINITIONS,
    }),
    mitigations: await findOrCreate(client, {
      path: `${at}/mitigations`,
      id: 'mitigation_id',
      wanted: DEMO_MITIGATIONS,
    }),
  }
  const wanted = DEMO_POLICIES.map((policy) => policyBody(policy, ids))
  await findOrCreate(client, { path: `${at}/policies`, id: 'policy_id', wanted })
  const key = await issueKey(client, tenantId)
  return { tenant_id: tenantId, ...key }
}

async function stillThere(client: OperatorClient, kept: DemoTenant): Promise<boolean> {
  const tenants = await client.list('tenants')
  if (!tenants.some((tenant) => tenant.tenant_id === kept.tenant_id)) return false
  const keys = await client.list(`tenants/${kept.tenant_id}/api-keys`)
  return keys.some((key) => kept.key_id.startsWith(`${textOf(key, 'api_key_id')}.`))
}

async function findOrCreateTenant(client: OperatorClient): Promise<string> {
  const tenants = await client.list('tenants')
  const found = tenants.find((tenant) => tenant.slug === DEMO_TENANT.slug)
  return textOf(found ?? (await client.post('tenants', { ...DEMO_TENANT })), 'tenant_id')
}

interface Wanted {
  readonly path: string
  readonly id: string
  readonly wanted: readonly ApiRecord[]
}

/** Ids by name of everything in the collection, after creating what is missing by name. */
async function findOrCreate(
  client: OperatorClient,
  { path, id, wanted }: Wanted,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  for (const item of await client.list(path)) ids.set(textOf(item, 'name'), textOf(item, id))
  for (const body of wanted) {
    const name = textOf(body, 'name')
    if (!ids.has(name)) ids.set(name, textOf(await client.post(path, body), id))
  }
  return ids
}

interface DemoIds {
  readonly actions: ReadonlyMap<string, string>
  readonly entities: ReadonlyMap<string, string>
  readonly mitigations: ReadonlyMap<string, string>
}

function policyBody(policy: DemoPolicy, ids: DemoIds): ApiRecord {
  return {
    name: policy.name,
    description: policy.description,
    enabled: true,
    priority: policy.priority,
    expression: policy.expression,
    action_ids: policy.actions.map((name) => idOf(ids.actions, name)),
    entity_definition_id: idOf(ids.entities, policy.entity),
    mitigation_id: idOf(ids.mitigations, policy.mitigation),
    ...(policy.window ? { window: { ...policy.window } } : {}),
  }
}

/** A key whose secret nobody has any more is of no use to the demo: it goes, and a new one comes. */
async function issueKey(client: OperatorClient, tenantId: string): Promise<Omit<DemoTenant, 'tenant_id'>> {
  const path = `tenants/${tenantId}/api-keys`
  for (const key of await client.list(path)) {
    if (key.name === DEMO_API_KEY.name) await client.remove(`${path}/${textOf(key, 'api_key_id')}`)
  }
  const issued = await client.post(path, { ...DEMO_API_KEY })
  return { key_id: textOf(issued, 'key_id'), secret: textOf(issued, 'secret') }
}

function textOf(record: ApiRecord, field: string): string {
  const value = record[field]
  if (typeof value !== 'string') throw new Error(`The API answered without "${field}"`)
  return value
}

function idOf(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`The demo tenant has nothing named "${name}"`)
  return id
}

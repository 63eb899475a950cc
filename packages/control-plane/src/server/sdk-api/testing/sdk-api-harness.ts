import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll } from 'vitest'
import { createIngestionClient, type IngestionClient } from '../../../clients/ingestion-client.js'
import { createMitigationClient, type MitigationClient } from '../../../clients/mitigation-client.js'
import type { MitigationUpsert } from '../../../contract/mitigation.js'
import { createIngestionBrokerModules } from '../../../ingestion-broker/module.js'
import { createMitigationBrokerModules } from '../../../mitigation-broker/module.js'
import { type RunningRole, startRole, TEST_SERVICE_TOKEN } from '../../../pipeline-testing/start-role.js'
import type { Operator } from '../../testing/operator.js'
import { holderOf, type IssuedKey } from '../../testing/sign.js'
import { startServer, type TestServer } from '../../testing/start-server.js'
import { type Answer, type Outgoing, openRaw, sendRaw, signed } from './signed-client.js'

export interface Sdk {
  readonly tenantId: string
  readonly sourceId: string
  readonly apiKeyId: string
  readonly keyId: string
  readonly streamMac: Buffer
  readonly bundleSigning: Buffer
  send(outgoing: Outgoing): Promise<Answer>
  open(outgoing: Outgoing): Promise<IncomingMessage>
}

/** The server and both brokers, and somebody who owns the tenants of the tests. */
interface Running {
  readonly server: TestServer
  readonly ingestion: IngestionClient
  readonly mitigation: MitigationClient
  readonly owner: Operator
  /** Ends the ingestion broker, or starts it again. */
  stopIngestionBroker(): Promise<void>
  startIngestionBroker(): Promise<void>
  stop(): Promise<void>
}

export interface SdkApiHarness {
  readonly running: Running
  newTenant(): Promise<string>
  /** An SDK with a key of its own. */
  newSdk(tenantId: string, more?: { sourceId?: string; trustLevel?: string }): Promise<Sdk>
  /** Makes mitigations active, as the engine does. */
  publish(tenantId: string, mitigations: readonly MitigationUpsert[]): Promise<void>
}

export function useSdkApi(): SdkApiHarness {
  const database = useDatabase()
  let started: Running | undefined
  beforeAll(async () => {
    started = await start(database)
  })
  afterAll(() => started?.stop())
  const running = () => {
    if (started === undefined) throw new Error('the server is there once the tests run')
    return started
  }
  let slugs = 0
  let publications = 0
  return {
    get running() {
      return running()
    },
    newTenant: async () => {
      slugs += 1
      const tenant = await running().owner.make('/tenants', { name: `Tenant ${slugs}`, slug: `sdk-api-${slugs}` })
      return tenant.tenant_id
    },
    newSdk: (tenantId, more = {}) => newSdk(running(), tenantId, more),
    publish: async (tenantId, mitigations) => {
      publications += 1
      const empty = { decisions: [], matched: [], counters: [] }
      const publication_id = `pub_${publications}`
      await running().mitigation.publish({ ...empty, publication_id, tenant_id: tenantId, mitigations })
    },
  }
}

async function start(database: { readonly mongodbUri: string; readonly databasePrefix: string }): Promise<Running> {
  const server = await startServer({ database })
  const { config } = server
  const startIngestion = () => startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker' })
  let ingestionRole: RunningRole = await startIngestion()
  const mitigationRole = await startRole(createMitigationBrokerModules, { config, role: 'mitigation-broker' })
  const serviceToken = TEST_SERVICE_TOKEN
  const ingestion = createIngestionClient({ url: config.ingestionBrokerUrl, serviceToken })
  const mitigation = createMitigationClient({ url: config.mitigationBrokerUrl, serviceToken })
  return {
    server,
    ingestion,
    mitigation,
    owner: await server.operator('Olga'),
    stopIngestionBroker: () => ingestionRole.stop(),
    startIngestionBroker: async () => {
      ingestionRole = await startIngestion()
    },
    stop: async () => {
      await server.stop()
      await Promise.all([ingestion.close(), mitigation.close()])
      await mitigationRole.stop()
      await ingestionRole.stop()
    },
  }
}

async function newSdk(
  { server, owner }: Running,
  tenantId: string,
  { sourceId = 'shop', trustLevel = 'Internal' }: { sourceId?: string; trustLevel?: string },
): Promise<Sdk> {
  const issued: IssuedKey = await owner.make(`/tenants/${tenantId}/api-keys`, {
    name: `key ${randomBytes(6).toString('hex')}`,
    source_id: sourceId,
    trust_level: trustLevel,
  })
  const holder = holderOf(issued)
  const signer = { keyId: issued.key_id, key: holder.derive('ingestSigning') }
  return {
    tenantId,
    sourceId,
    apiKeyId: issued.api_key_id,
    keyId: issued.key_id,
    streamMac: holder.derive('streamMac'),
    bundleSigning: holder.derive('bundleSigning'),
    send: (outgoing) => sendRaw(server.url, signed(server.url, signer, outgoing)),
    open: (outgoing) => openRaw(server.url, signed(server.url, signer, outgoing)),
  }
}

/** A batch of events with these ids. */
export function body(ids: readonly string[], from: { instance_id?: string; revision?: number } = {}): string {
  const sender = { instance_id: 'inst_1', revision: 1, ...from }
  const header = { format: 1, sdk: 'esper-node/9.9.9', ...sender, loss: { queue_full: 2 } }
  const events = ids.map((id) => ({ event_id: id, observed_at: Date.now(), fields: { request_path: '/' } }))
  return [header, ...events].map((line) => JSON.stringify(line)).join('\n')
}

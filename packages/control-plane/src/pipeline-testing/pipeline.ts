import { randomBytes } from 'node:crypto'
import type { Captured, EventLine, TrustLevel } from '@esper/core'
import { ManualClock } from '@esper/testkit'
import type { Connection } from 'mongoose'
import { createIngestionClient, type IngestionClient } from '../clients/ingestion-client.js'
import { createMitigationClient, type MitigationClient } from '../clients/mitigation-client.js'
import { createServerClient } from '../clients/server-client.js'
import { createPolicySource, type PolicySource } from '../engine/policy-source.js'
import { type Claim, type ClaimStep, type EngineParts, processClaim } from '../engine/process-claim.js'
import { RecordStore } from '../engine/record-store.js'
import { WindowStore } from '../engine/window-store.js'
import { createIngestionBrokerModules } from '../ingestion-broker/module.js'
import { createMitigationBrokerModules } from '../mitigation-broker/module.js'
import { createLogger } from '../observability/logger.js'
import { type PolicyServer, startPolicyServer } from './policy-server.js'
import { startRole, TEST_SERVICE_TOKEN, testConfig } from './start-role.js'

export interface TestBatch {
  readonly tenantId: string
  readonly sourceId?: string
  readonly trustLevel?: TrustLevel
  readonly batchId?: string
  /** Bundle revision named by the batch. */
  readonly revision: number
  /** What the sender says it captured. */
  readonly captured?: Captured
  readonly events: readonly EventLine[]
}

/** Both brokers over real HTTP and a real database, with the engine's steps in the test's own hands. */
export interface Pipeline {
  readonly clock: ManualClock
  readonly ingestion: IngestionClient
  readonly mitigation: MitigationClient
  readonly policies: PolicySource
  readonly policyServer: PolicyServer
  readonly parts: EngineParts
  send(batch: TestBatch): Promise<string>
  claim(): Promise<Claim | undefined>
  /** Works through everything that waits. @returns how many claims */
  drain(more?: Partial<EngineParts>): Promise<number>
  close(): Promise<void>
}

export async function startPipeline(
  database: { readonly mongodbUri: string; readonly databasePrefix: string; connection(): Connection },
  // Begins now: the database expires by its own clock.
  clock = new ManualClock(Date.now()),
): Promise<Pipeline> {
  const config = await testConfig(database)
  const now = () => clock.now()
  const ingestionRole = await startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker', now })
  const mitigationRole = await startRole(createMitigationBrokerModules, { config, role: 'mitigation-broker', now })
  const policyServer = await startPolicyServer()
  const serviceToken = TEST_SERVICE_TOKEN
  const ingestion = createIngestionClient({ url: config.ingestionBrokerUrl, serviceToken })
  const mitigation = createMitigationClient({ url: config.mitigationBrokerUrl, serviceToken })
  const server = createServerClient({ url: policyServer.url, serviceToken })
  const policies = createPolicySource({ server, logger: createLogger({ level: 'silent', service: 'test' }), now })
  const connection = database.connection()
  const windows = new WindowStore(connection)
  const records = new RecordStore(connection)
  await windows.createIndexes()
  await records.createIndexes()
  const parts: EngineParts = {
    connection,
    ingestion,
    mitigation,
    policies,
    windows,
    records,
    now,
    outboxLeaseMs: 60_000,
  }

  async function claim(): Promise<Claim | undefined> {
    const request = { worker_id: 'test', max_batches: 16, wait_ms: 0, lease_ms: 30_000 }
    return (await ingestion.claim(request)).claim
  }

  return {
    clock,
    ingestion,
    mitigation,
    policies,
    policyServer,
    parts,
    claim,
    send: (batch) => sendBatch(ingestion, batch),
    async drain(more = {}) {
      for (let claims = 0; ; claims += 1) {
        const next = await claim()
        if (next === undefined) return claims
        await processClaim({ ...parts, ...more }, next)
      }
    },
    close: async () => {
      await policies.close()
      await policyServer.close()
      await Promise.all([ingestion.close(), mitigation.close(), server.close()])
      await mitigationRole.stop()
      await ingestionRole.stop()
    },
  }
}

/** Stores a batch as the server does once it has verified it. @returns its id */
export async function sendBatch(ingestion: IngestionClient, batch: TestBatch): Promise<string> {
  const { sourceId = 'shop', trustLevel = 'Internal', batchId = randomBytes(9).toString('base64url') } = batch
  const { revision, captured } = batch
  const header = { format: 1, sdk: 'test/1', revision, instance_id: 'i1', captured }
  await ingestion.accept({
    tenantId: batch.tenantId,
    sourceId,
    trustLevel,
    apiKeyId: 'key_1',
    batchId,
    events: Math.max(1, batch.events.length),
    retentionSeconds: 86_400,
    body: Buffer.from([header, ...batch.events].map((line) => JSON.stringify(line)).join('\n')),
  })
  return batchId
}

/** A worker that dies after a step: it neither goes on nor gives anything back. */
export class Died extends Error {}

export function diesAfter(step: ClaimStep): Pick<EngineParts, 'onStep'> {
  return {
    onStep: (reached) => {
      if (reached === step) throw new Died(step)
    },
  }
}

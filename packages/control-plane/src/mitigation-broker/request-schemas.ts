import { type CountingScope, DECISION_ORIGINS, OUTCOMES } from '@esper/core'
import { z } from 'zod'
import type {
  DecisionRecord,
  EndRequest,
  LookupRequest,
  MatchedCount,
  MitigationUpsert,
  Publication,
  ReleaseRequest,
} from '../contract/mitigation.js'

const id = z.string().min(1).max(128)
const time = z.int().min(0)
const count = z.int().min(0)
const scope = z.custom<CountingScope>(
  (value) => typeof value === 'string' && /^(?:tenant|source:.{1,128})$/.test(value),
  'must be tenant or source:<source_id>',
)
const entity = z.array(z.tuple([z.string().max(512), z.string().max(8_192).nullable()])).max(8)

const decision: z.ZodType<DecisionRecord> = z.object({
  decision_id: id,
  tenant_id: id,
  source_id: id,
  event_id: id,
  policy_id: id,
  policy_revision: count,
  revision: count,
  outcome: z.enum(OUTCOMES),
  enforced: z.boolean(),
  cleared: z.boolean(),
  shadowed: z.boolean(),
  exemption_id: id.exactOptional(),
  origin: z.enum(DECISION_ORIGINS),
  counting_scope: scope,
  entity_definition_id: id.exactOptional(),
  entity_key: id.exactOptional(),
  entity: entity.exactOptional(),
  n: count.exactOptional(),
  observed_at: time,
  decided_at: time,
})

const matched: z.ZodType<MatchedCount> = z.object({
  policy_id: id,
  minute: time,
  matched: count,
  not_captured: count,
  closest_n: count.exactOptional(),
  last_matched_at: time,
})

const upsert: z.ZodType<MitigationUpsert> = z.object({
  policy_id: id,
  mitigation_id: id,
  counting_scope: scope,
  entity_key: id,
  since: time,
  expires_at: time,
  revision: count,
  entity: entity.exactOptional(),
  entity_values: z.string().max(8_192).exactOptional(),
})

export const publicationSchema: z.ZodType<Publication> = z.object({
  publication_id: id,
  tenant_id: id,
  decisions: z.array(decision).max(20_000),
  matched: z.array(matched).max(20_000),
  mitigations: z.array(upsert).max(20_000),
  counters: z.array(z.object({ minute: time, name: z.string().min(1).max(128), value: z.number() })).max(20_000),
})

export const lookupSchema: z.ZodType<LookupRequest> = z.object({
  tenant_id: id,
  counting_scope: scope,
  from: time,
  to: time,
  keys: z.array(z.object({ policy_id: id, entity_key: id })).max(100_000),
})

export const endSchema: z.ZodType<EndRequest> = z.object({
  tenant_id: id,
  revision: count,
  policy_ids: z.array(id).max(10_000),
})

export const releaseSchema: z.ZodType<ReleaseRequest> = z.object({
  tenant_id: id,
  active_mitigation_id: id,
  not_before: time,
})

export const decisionLookupSchema = z.object({
  tenant_id: id,
  events: z.array(z.object({ source_id: id, event_id: id, observed_at: time })).max(1_000),
})

const queryTime = z.coerce.number().int().min(0).max(8_640_000_000_000)

export const tenantSchema = z.object({ tenant_id: id })

export const deltasSchema = z.object({
  tenant_id: id,
  scope,
  since: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
})

export const liveSchema = z.object({
  tenant_id: id,
  policy_id: id.optional(),
  cursor: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

export const spanSchema = z
  .object({ tenant_id: id, from: queryTime, to: queryTime, policy_id: id.optional() })
  .refine((span) => span.from <= span.to, { message: 'from must not be after to', path: ['from'] })

export const decisionsSchema = z.object({
  tenant_id: id,
  policy_id: id.optional(),
  from: queryTime.default(0),
  to: queryTime.default(8_640_000_000_000),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

import { TRUST_LEVELS } from '@esper/core'
import { z } from 'zod'
import { historyShape, nameShape, sourceIdShape, timestampShape } from '../shapes.js'

/** HKDF has no stretching: only a secret with real entropy is safe, hence the least length. */
const secret = z
  .string()
  .min(32, 'must be at least 32 characters; leave it out and one is made for you')
  .max(256, 'must be at most 256 characters')
  .regex(/^[\x21-\x7e]+$/, 'may hold only visible ASCII characters without spaces')

export const apiKeyCreate = z.strictObject({
  name: nameShape,
  source_id: sourceIdShape,
  trust_level: z.enum(TRUST_LEVELS).default('External'),
  secret: secret.optional(),
})

export const apiKeyPatch = z.strictObject({
  name: nameShape.optional(),
  trust_level: z.enum(TRUST_LEVELS).optional(),
})

/** How long the secret before goes on working; 0 ends every earlier one at once, as after a leak. */
export const apiKeyRotate = z.strictObject({
  overlap_seconds: z
    .int('must be a whole number of seconds')
    .min(0, 'must be at least 0')
    .max(2_592_000, 'must be at most 2,592,000 seconds (30 days)')
    .default(86_400),
  secret: secret.optional(),
})

export const apiKeyRecord = z.object({
  api_key_id: z.string(),
  tenant_id: z.string(),
  /** `<api_key_id>.<version>`: what the SDK is configured with. */
  key_id: z.string(),
  name: z.string(),
  source_id: z.string(),
  trust_level: z.enum(TRUST_LEVELS),
  /** Tells two secrets apart without saying anything of either. */
  fingerprint: z.string(),
  last_used_at: timestampShape.nullable(),
  ...historyShape,
})

/** The only answer that holds the secret. */
export const apiKeyCreated = apiKeyRecord.extend({ secret: z.string() })

export type ApiKeyCreate = z.output<typeof apiKeyCreate>
export type ApiKeyCreateInput = z.input<typeof apiKeyCreate>
export type ApiKeyPatch = z.output<typeof apiKeyPatch>
export type ApiKeyPatchInput = z.input<typeof apiKeyPatch>
export type ApiKeyRotate = z.output<typeof apiKeyRotate>
export type ApiKeyRecord = z.output<typeof apiKeyRecord>
export type ApiKeyCreated = z.output<typeof apiKeyCreated>

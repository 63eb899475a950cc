import { ENFORCEMENTS } from '@esper/core'
import { z } from 'zod'
import { cookieNameShape, fieldPathShape, historyShape, nameShape, refuseRepeats, slugShape } from '../shapes.js'

const watchFields = z.array(fieldPathShape).max(64, 'must name at most 64 fields').superRefine(refuseRepeats)
const clearCookies = z.array(cookieNameShape).max(64, 'must name at most 64 cookies').superRefine(refuseRepeats)
const retentionDays = z
  .int('must be a whole number of days')
  .min(1, 'must be at least 1 day')
  .max(400, 'must be at most 400 days')

export const tenantCreate = z.strictObject({
  name: nameShape,
  /** Made from the name when left out. */
  slug: slugShape.optional(),
  enforcement: z.enum(ENFORCEMENTS).default('on'),
  watch_fields: watchFields.default([]),
  clear_cookies: clearCookies.default([]),
  retention_days: retentionDays.default(30),
})

export const tenantPatch = z.strictObject({
  name: nameShape.optional(),
  slug: slugShape.optional(),
  enforcement: z.enum(ENFORCEMENTS).optional(),
  watch_fields: watchFields.optional(),
  clear_cookies: clearCookies.optional(),
  retention_days: retentionDays.optional(),
})

export const tenantRecord = z.object({
  tenant_id: z.string(),
  name: z.string(),
  slug: z.string(),
  enforcement: z.enum(ENFORCEMENTS),
  watch_fields: z.array(z.string()),
  clear_cookies: z.array(z.string()),
  retention_days: z.number(),
  ...historyShape,
})

export type TenantCreate = z.output<typeof tenantCreate>
export type TenantCreateInput = z.input<typeof tenantCreate>
export type TenantPatch = z.output<typeof tenantPatch>
export type TenantPatchInput = z.input<typeof tenantPatch>
export type TenantRecord = z.output<typeof tenantRecord>

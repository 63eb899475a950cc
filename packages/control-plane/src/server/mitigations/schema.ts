import { FAIL_MODES, MITIGATION_MODES, MITIGATION_SCOPES, type MitigationMode } from '@esper/core'
import { z } from 'zod'
import { descriptionShape, durationSecondsShape, historyShape, nameShape } from '../shapes.js'

const level = z.int('must be a whole number').min(1, 'must be at least 1').max(4, 'must be at most 4')

const contactUrl = z
  .url({ protocol: /^(?:https?|mailto)$/, error: 'must be an http, https or mailto address' })
  .max(500, 'must be at most 500 characters')

/** What a blocked request is answered with. */
const response = z.strictObject({
  status: z.union([z.literal(403), z.literal(429)], { error: 'must be 403 or 429' }).default(403),
  retry_after: z
    .union([z.literal('auto'), z.int().min(1).max(2_592_000)], { error: 'must be "auto" or 1 to 2,592,000 seconds' })
    .optional(),
  body: z.string().max(2000, 'must be at most 2,000 characters').optional(),
  contact_url: contactUrl.optional(),
})

/** How a challenged client proves itself; left out or null, they are the plain ones. */
const challenge = {
  provider: z.literal('pow', { error: 'must be "pow"' }).nullable(),
  level: level.nullable(),
  min_level: level.nullable(),
  one_time: z.boolean().nullable(),
}

const fields = {
  name: nameShape,
  description: descriptionShape,
  enabled: z.boolean(),
  mode: z.enum(MITIGATION_MODES),
  duration_seconds: durationSecondsShape,
  scope: z.enum(MITIGATION_SCOPES),
  fail_mode: z.enum(FAIL_MODES),
}

export const mitigationCreate = z
  .strictObject({
    ...fields,
    description: descriptionShape.default(''),
    enabled: z.boolean().default(true),
    duration_seconds: durationSecondsShape.default(300),
    scope: fields.scope.default('policy'),
    fail_mode: fields.fail_mode.default('open'),
    response: response.nullable().optional(),
    provider: challenge.provider.optional(),
    level: challenge.level.optional(),
    min_level: challenge.min_level.optional(),
    one_time: challenge.one_time.optional(),
  })
  .superRefine((input, context) => {
    for (const issue of settingsOfAnotherMode(input.mode, input)) context.addIssue(issue)
  })

export const mitigationPatch = z.strictObject({
  name: fields.name.optional(),
  description: descriptionShape.nullable().optional(),
  enabled: fields.enabled.optional(),
  mode: fields.mode.optional(),
  duration_seconds: fields.duration_seconds.optional(),
  scope: fields.scope.optional(),
  fail_mode: fields.fail_mode.optional(),
  response: response.nullable().optional(),
  provider: challenge.provider.optional(),
  level: challenge.level.optional(),
  min_level: challenge.min_level.optional(),
  one_time: challenge.one_time.optional(),
})

export const mitigationRecord = z.object({
  mitigation_id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  mode: z.enum(MITIGATION_MODES),
  duration_seconds: z.number(),
  scope: z.enum(MITIGATION_SCOPES),
  fail_mode: z.enum(FAIL_MODES),
  /** Of mode Block; null for the others. */
  response: response.nullable(),
  /** These four of mode Challenge; null for the others. */
  provider: challenge.provider.default(null),
  level: challenge.level.default(null),
  min_level: challenge.min_level.default(null),
  one_time: challenge.one_time.default(null),
  ...historyShape,
})

export type MitigationCreate = z.output<typeof mitigationCreate>
export type MitigationCreateInput = z.input<typeof mitigationCreate>
export type MitigationPatch = z.output<typeof mitigationPatch>
export type MitigationPatchInput = z.input<typeof mitigationPatch>
export type MitigationRecord = z.output<typeof mitigationRecord>

const MODE_OF_SETTING = {
  response: 'Block',
  provider: 'Challenge',
  level: 'Challenge',
  min_level: 'Challenge',
  one_time: 'Challenge',
} as const
type ModeSetting = keyof typeof MODE_OF_SETTING
const MODE_SETTINGS: readonly ModeSetting[] = ['response', 'provider', 'level', 'min_level', 'one_time']

/** A setting said for a mode that is not in force would be silently without effect. */
export function settingsOfAnotherMode(
  mode: MitigationMode,
  input: { readonly [Name in ModeSetting]?: unknown },
): { code: 'custom'; path: string[]; message: string; params: { code: 'wrong_mode' } }[] {
  const misplaced = MODE_SETTINGS.filter(
    (name) => input[name] !== undefined && input[name] !== null && mode !== MODE_OF_SETTING[name],
  )
  return misplaced.map((name) => ({
    code: 'custom',
    path: [name],
    message: `is only for mode ${MODE_OF_SETTING[name]}, and the mode is ${mode}`,
    params: { code: 'wrong_mode' },
  }))
}

import { z } from 'zod'

/** The quickstart, in its order. */
export const SETUP_STEPS = [
  'tenant',
  'api_key',
  'action',
  'entity',
  'mitigation',
  'policy',
  'traffic',
  'enforced',
] as const

export const setupRecord = z.object({ steps: z.array(z.object({ id: z.enum(SETUP_STEPS), done: z.boolean() })) })

export type SetupStepId = (typeof SETUP_STEPS)[number]
export type SetupRecord = z.output<typeof setupRecord>

import { TRUST_LEVELS } from '@esper/core'
import { z } from 'zod'
import { timestampShape } from '../shapes.js'

/** A source and the SDKs that speak for it. */
export const sourceRecord = z.object({
  source_id: z.string(),
  trust_levels: z.array(z.enum(TRUST_LEVELS)),
  last_event_at: timestampShape.nullable(),
  /** For example `esper-node/0.1.0`; null until a batch came. */
  sdk: z.string().nullable(),
  /** The lowest bundle revision any live instance works with. */
  revision: z.number().nullable(),
  /** SDK instances seen in the last two minutes. */
  instances: z.number(),
  /** Events lost in the SDKs, by reason. */
  loss: z.record(z.string(), z.number()),
})

export type SourceRecord = z.output<typeof sourceRecord>

import { type ApplicationFields, withApplication } from './complete-record.js'
import { type AddressOrigin, type EncoderOptions, setClient } from './encode.js'
import type { Fields } from './fields.js'
import { cutText, emptyRecord } from './plain-data.js'

/** Something an application does that is no request: a job, a message, a step of a longer business. */
export interface Activity extends ApplicationFields {
  /** Its name, for example `password_reset`. */
  readonly action: string
  readonly clientIp?: string
  readonly origin?: AddressOrigin
  readonly userAgent?: string
}

/**
 * Encodes an activity at `observedAt`, epoch milliseconds, as the record that policies read. It has no field that only a
 * request has. Never throws.
 */
export function encodeActivity(activity: Activity, observedAt: number, options: EncoderOptions): Fields {
  const fields = emptyRecord()
  fields.tracked_action = cutText(activity.action)
  setClient(fields, activity)
  if (activity.userAgent !== undefined) fields.user_agent = cutText(activity.userAgent)
  fields.source_id = options.sourceId
  fields.trust_level = options.trustLevel
  fields.observed_at = observedAt
  return withApplication(fields, activity, options)
}

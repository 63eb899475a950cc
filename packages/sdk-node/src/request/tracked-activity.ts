import type { Activity, ApplicationFields } from '@esper/core'
import type { Visitor } from '../decide/client-text.js'
import { normaliseAddress } from './client-address.js'

/** What is known of something tracked that is no request. */
export interface TrackFields extends ApplicationFields {
  /** Address of whoever set it off, for entities that read it. */
  readonly client_ip?: string | undefined
  readonly user_agent?: string | undefined
}

/** An activity as Esper reads it, once. */
export interface TrackedActivity extends Visitor {
  readonly activity: Activity
  readonly address: string | undefined
  readonly userAgent: string
  readonly tokens: readonly string[]
}

/** Reads what an application tracks. What is of no use is left out; nothing is thrown. */
export function readActivity(action: string, fields: TrackFields): TrackedActivity {
  const { client_ip: clientIp, user_agent: userAgent, user_id, labels } = fields
  const address = typeof clientIp === 'string' ? normaliseAddress(clientIp) : undefined
  const known = {
    ...(address === undefined ? {} : { clientIp: address }),
    ...(typeof userAgent === 'string' ? { userAgent } : {}),
  }
  return {
    activity: { action: String(action), ...known, user_id, labels },
    address,
    userAgent: known.userAgent ?? '',
    tokens: [],
  }
}

import type { Program } from '../policy/expression/program.js'
import type { CountingScope, Enforcement, FailMode, MitigationMode, MitigationScope, TrustLevel } from './resources.js'

/** Version of the bundle's shape; a bundle of another format is refused whole. */
export const BUNDLE_FORMAT = 1

/**
 * What the SDK captures beyond the fields that are always captured: names of headers (lower case), cookies, query
 * parameters, route parameters, dotted body paths and labels that an enabled action, entity, policy or exemption reads.
 * `*` as a name asks for the whole map.
 */
export interface FieldDemand {
  readonly headers: readonly string[]
  readonly cookies: readonly string[]
  readonly query: readonly string[]
  readonly route: readonly string[]
  readonly body: readonly string[]
  readonly labels: readonly string[]
  /** Whether something reads `cookie`, the keyed hash of the whole cookie header. */
  readonly cookie: boolean
  /** Whether something reads `response_status` or `response_ms`. */
  readonly response: boolean
}

/** Nothing beyond what is always captured. */
export const NO_DEMAND: FieldDemand = {
  headers: [],
  cookies: [],
  query: [],
  route: [],
  body: [],
  labels: [],
  cookie: false,
  response: false,
}

/**
 * What a sender captured, said by itself: for senders that see less than a request, as importers of access logs do.
 * The maps and flags mean what they mean in a demand.
 */
export interface Captured extends FieldDemand {
  /**
   * Fields that a demand never has to name and that this sender does not see all the same, for example `user_agent` or
   * `header_names`; `headers` stands for the headers that are otherwise always captured. Absent: it sees all of them.
   */
  readonly without?: readonly string[]
}

export interface BundleAction {
  readonly action_id: string
  readonly name: string
  readonly program: Program
}

export interface BundleEntityDefinition {
  readonly entity_definition_id: string
  readonly name: string
  readonly priority: number
  /** In the order in which they enter the entity key, 1 to 8 of them. */
  readonly key_fields: readonly string[]
  readonly match_program?: Program
}

/** What a blocked request is answered with. */
export interface BlockResponse {
  readonly status: 403 | 429
  /** Seconds, or `auto`: what is left of the active mitigation or window. */
  readonly retry_after?: 'auto' | number
  /** Text shown on the page and in the problem's `detail`. */
  readonly body?: string
  readonly contact_url?: string
}

/** How a challenged client proves itself. */
export interface ChallengeSettings {
  readonly provider: 'pow'
  /** 1 to 4; each about three times the work of the one before. */
  readonly level: number
  /** The least level a clearance must have been earned at. */
  readonly min_level: number
  /** Whether a clearance is spent by the first request it lets through. */
  readonly one_time: boolean
}

export interface BundleMitigation {
  readonly mitigation_id: string
  readonly name: string
  readonly mode: MitigationMode
  readonly duration_seconds: number
  readonly scope: MitigationScope
  readonly fail_mode: FailMode
  readonly response?: BlockResponse
  readonly challenge?: ChallengeSettings
}

/** A policy holds at the `threshold`-th matching event (or different value of `distinct`) of an entity in `seconds`. */
export interface PolicyWindow {
  readonly seconds: number
  readonly threshold: number
  readonly distinct?: string
}

export interface BundlePolicy {
  readonly policy_id: string
  readonly name: string
  /** Revision of the policy itself: rises by one with each change of it. */
  readonly revision: number
  /** Lower is looked at first; ties go by `policy_id`. */
  readonly priority: number
  readonly program: Program
  readonly action_ids: readonly string[]
  readonly entity_definition_id?: string
  /** Absent: the policy observes. */
  readonly mitigation_id?: string
  readonly window?: PolicyWindow
}

/** Events that no policy does anything about. Looked at before every policy. */
export interface BundleExemption {
  readonly exemption_id: string
  readonly name: string
  /** True for the events it exempts. It reads nothing of the response. */
  readonly program: Program
  /** Epoch milliseconds: it exempts events observed before that. Absent: it exempts until it is deleted. */
  readonly expires_at?: number
}

/**
 * A list that some program looks values up in. Its contents are a part of their own, named by their hash: whoever has a
 * bundle fetches the parts it does not have yet.
 */
export interface BundleList {
  readonly list_id: string
  /** SHA-256 of the part, base64url: 43 characters. */
  readonly sha256: string
  /** Length of the part. */
  readonly bytes: number
  /** Entries in it. */
  readonly count: number
}

/** Everything a tenant's policies say at one revision: what the engine decides with, and the larger part of a bundle. Enabled resources only. */
export interface PolicySetContent {
  readonly format: typeof BUNDLE_FORMAT
  readonly tenant_id: string
  /** Rises by one with each change of what a bundle holds. */
  readonly revision: number
  readonly enforcement: Enforcement
  /** Names of cookies carried in clear. */
  readonly clear_cookies: readonly string[]
  readonly demand: FieldDemand
  readonly actions: readonly BundleAction[]
  readonly entity_definitions: readonly BundleEntityDefinition[]
  readonly mitigations: readonly BundleMitigation[]
  readonly policies: readonly BundlePolicy[]
  /** Absent in content made before there were exemptions: none. */
  readonly exemptions?: readonly BundleExemption[]
  /** What the programs look values up in. Absent: none of them does. */
  readonly lists?: readonly BundleList[]
}

/** What a shared key is for. One set per counting scope. */
export const SHARED_KEY_PURPOSES = ['entity', 'redaction', 'challenge', 'clearance'] as const
export type SharedKeyPurpose = (typeof SHARED_KEY_PURPOSES)[number]

/** A 32-byte shared key, sealed with AES-256-GCM under the API key's `esper/bundle-seal/v1` key. */
export interface SealedKey {
  readonly purpose: SharedKeyPurpose
  readonly key_id: string
  readonly state: 'current' | 'previous'
  /** base64url of iv (12 bytes), ciphertext (32) and tag (16). AAD: `tenant_id|source_id|purpose|key_id`. */
  readonly sealed: string
}

/** Everything an SDK needs to decide for one source. Times are epoch milliseconds. */
export interface Bundle extends PolicySetContent {
  readonly source_id: string
  readonly trust_level: TrustLevel
  readonly counting_scope: CountingScope
  /** Rises after a restore of the database; a lower one is refused. */
  readonly epoch: number
  readonly issued_at: number
  readonly not_after: number
  readonly keys: readonly SealedKey[]
}

import type { BlockList } from 'node:net'
import type { Logger } from '@esper/core'
import type { Decision } from './decision.js'

/** `enforce` does what the policies say; `monitor` reports what it would have done and touches no request. */
export type Mode = 'enforce' | 'monitor'

/** A failure inside Esper; the request it happened on passed. */
export interface EsperFailure {
  /** Which part failed, for example `decide`, `record` or `answer`. */
  readonly where: string
  /** The failure's code or name, never its text: a text may quote what was sent. */
  readonly cause: string
}

/** Options of `createEsper`. Each can also come from the environment variable named with it; code wins. */
export interface EsperOptions {
  /** Origin of the control plane, for example `https://esper.example.com`. `ESPER_URL`. */
  readonly url?: string
  /** Id of the API key as it was shown: `<api_key_id>.<version>`. `ESPER_KEY_ID`. */
  readonly keyId?: string
  /** The API key's secret. `ESPER_SECRET`. */
  readonly secret?: string
  /**
   * File of policies made by `esper bundle build`, to decide with until a control plane has given its own bundle. Works
   * without a control plane; a file that cannot be used is refused at construction. `ESPER_BUNDLE`.
   */
  readonly bundle?: string
  /** Default `enforce`. `ESPER_MODE`. */
  readonly mode?: Mode
  /** Takes Esper out: nothing is decided, recorded or connected. Default false. `ESPER_DISABLE`. */
  readonly disabled?: boolean
  /**
   * Whose `X-Forwarded-For` is believed: a number of proxies in front, or their addresses and CIDRs. Default 0: nobody.
   * `ESPER_TRUST_PROXY`, a number or a comma list.
   */
  readonly trustProxy?: number | readonly string[]
  /**
   * MMDB files that say the country and the network of addresses, for `ip_country`, `ip_asn` and `ip_as_name`: read in the
   * background, and again when they change. Default: none, and these fields are missing. `ESPER_IP_DATABASE`, with commas.
   */
  readonly ipDatabase?: string | readonly string[]
  /**
   * Folder for the last good bundle and for what the last process lost, `off` for none. Default: a private folder below
   * the temporary one. `ESPER_SNAPSHOT_DIR`.
   */
  readonly snapshotDir?: string
  /**
   * How long past its `not_after` a bundle still enforces mitigations that fail closed, in milliseconds, 0 to
   * 2,592,000,000. Default 86,400,000, a day. Everything passes after that.
   */
  readonly maxExpiredMs?: number
  /** Events kept while the control plane cannot take them. 100 to 1,000,000, default 10,000. */
  readonly maxQueueEvents?: number
  /** The same in bytes. 65,536 to 1,073,741,824, default 16,777,216. */
  readonly maxQueueBytes?: number
  /** Events in a batch, 1 to 500. Default 100. */
  readonly maxBatchEvents?: number
  /** Longest an event waits for its batch to fill, in milliseconds, 10 to 60,000. Default 1,000. */
  readonly maxBatchAgeMs?: number
  /** `br` compresses batches with brotli. Default `off`. */
  readonly compression?: 'off' | 'br'
  /** Entities held by mitigations that are remembered, 1,000 to 10,000,000. Default 100,000. */
  readonly maxMitigations?: number
  /** Entities counted in local windows, 1,000 to 10,000,000. Default 100,000. */
  readonly maxEntities?: number
  /** How often the control plane is asked while no stream is up, in milliseconds, 1,000 to 3,600,000. Default 30,000. */
  readonly pollMs?: number
  /** Limit of one call to the control plane, in milliseconds, 100 to 120,000. Default 10,000. Never on the request path. */
  readonly timeoutMs?: number
  /**
   * Largest request body that is read where a policy reads bodies, in bytes, 0 to 1,048,576. Default 65,536. A larger one
   * is the application's alone, and its fields are missing.
   */
  readonly maxBodyBytes?: number
  /** Longest a request waits for its body where a policy reads bodies, in milliseconds, 10 to 60,000. Default 1,000. */
  readonly bodyTimeoutMs?: number
  /** Where messages go: `debug`, `info`, `warn`, `error`. Default: warnings and errors to the console. */
  readonly logger?: Logger
  /** Called with each decision, at once, on the request path: keep it short. What it throws or rejects goes no further. */
  readonly onDecision?: (decision: Decision) => void
  /** Called for each failure inside Esper. What it throws or rejects goes no further. */
  readonly onError?: (failure: EsperFailure) => void
}

/** The control plane and the key it is spoken to with. */
export interface ControlPlaneAccess {
  readonly url: URL
  readonly apiKeyId: string
  readonly keyid: string
  readonly secret: string
}

type Filled =
  | 'maxExpiredMs'
  | 'maxQueueEvents'
  | 'maxQueueBytes'
  | 'maxBatchEvents'
  | 'maxBatchAgeMs'
  | 'compression'
  | 'maxMitigations'
  | 'maxEntities'
  | 'pollMs'
  | 'timeoutMs'
  | 'maxBodyBytes'
  | 'bodyTimeoutMs'
  | 'mode'

/** Options with everything filled in. */
export interface ResolvedOptions extends Readonly<Required<Pick<EsperOptions, Filled>>> {
  /** Absent when there is only a local bundle. */
  readonly controlPlane: ControlPlaneAccess | undefined
  readonly bundle: string | undefined
  /** Without a control plane: what keys of the local bundle are derived from, if anything. */
  readonly secret: string | undefined
  readonly trustProxy: number | BlockList
  readonly ipDatabase: readonly string[]
  readonly snapshotDir: string | undefined
  readonly onDecision: EsperOptions['onDecision']
  readonly onError: EsperOptions['onError']
}

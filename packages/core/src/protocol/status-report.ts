/** How an SDK process is doing, as it says in the header of each batch: the console shows it. No secret, no visitor. */
export interface SdkStatusReport {
  readonly mode: 'enforce' | 'monitor'
  readonly bundle: {
    readonly state: 'fresh' | 'stale' | 'expired' | 'never_loaded'
    readonly origin: 'control_plane' | 'disk' | 'file' | 'none'
    /** `closed_only` past the bundle's time, `nothing` when it never came or its time is long over. */
    readonly enforces: 'all' | 'closed_only' | 'nothing'
    readonly refused: number
    readonly last_refusal?: string
  }
  readonly sync: 'stream' | 'polling' | 'stopped'
  /** What this process adds to its own clock to have the server's. */
  readonly clock_offset_ms: number
  /** Where client addresses come from, in requests counted. */
  readonly address: {
    readonly socket: number
    readonly forwarded: number
    readonly unknown: number
    /** Set when all traffic seems to come from one proxy that is not trusted. */
    readonly one_proxy?: boolean
  }
}

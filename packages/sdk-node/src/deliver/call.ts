/** One call to the control plane. */
export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Without the question mark. */
  readonly query?: string
  readonly body?: string | Buffer
  readonly contentType?: string
  /** `br` sends the body compressed by brotli; what is signed are the bytes sent. Default `off`. */
  readonly compression?: 'off' | 'br'
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Longest answer that is read. Default 65,536 bytes. */
  readonly maxBytes?: number
}

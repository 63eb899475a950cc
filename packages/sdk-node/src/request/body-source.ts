/** How much of a body is read, and for how long it is waited for. */
export interface BodyLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** Where the body of a request is, whatever the framework. */
export interface BodySource {
  /** `Content-Type` as sent, or nothing. */
  readonly contentType: string
  /** `Content-Length` as sent; undefined where none was, or the request has no body. */
  readonly declaredBytes: number | undefined
  /** Whether there is a body at all. */
  readonly exists: boolean
  /** What a parser of the application's left; undefined when none ran. */
  readonly parsed: unknown
  /**
   * The whole body, without taking it from the application: it can be read again as if nobody had. Undefined when it is
   * larger, slower, gone, or was read by somebody else before. Never rejects.
   */
  read(limits: BodyLimits): Promise<Uint8Array | undefined>
}

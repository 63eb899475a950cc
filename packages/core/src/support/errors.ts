/** Every code an `EsperError` can have. */
export const ERROR_CODES = ['invalid_option', 'missing_option', 'closed'] as const
export type EsperErrorCode = (typeof ERROR_CODES)[number]

/** The one error that Esper's libraries throw, and only for mistakes of configuration, at construction. */
export class EsperError extends Error {
  override readonly name = 'EsperError'
  readonly code: EsperErrorCode

  constructor(code: EsperErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

import { guardLogger, type Logger, NoticeBoard } from '@esper/core'
import { failureCode } from './failure-code.js'
import type { EsperFailure } from './options.js'

/** Wraps a hook of the application's: whatever it throws or rejects ends here, and `onThrow` hears of it. */
export function guardHook<T>(
  hook: ((value: T) => unknown) | undefined,
  onThrow: (error: unknown) => void,
): ((value: T) => void) | undefined {
  if (hook === undefined) return undefined
  return (value) => {
    try {
      const outcome = hook(value)
      if (typeof outcome === 'object' && outcome !== null && 'then' in outcome) {
        Promise.resolve(outcome).catch(onThrow)
      }
    } catch (error) {
      onThrow(error)
    }
  }
}

/** Failures of Esper itself: said once a kind, counted always, thrown never. */
export class FailureLog {
  readonly #logger: Logger
  readonly #onError: ((failure: EsperFailure) => void) | undefined
  readonly #notices = new NoticeBoard()
  #count = 0

  constructor(logger: Logger, onError: ((failure: EsperFailure) => void) | undefined) {
    this.#logger = guardLogger(logger)
    this.#onError = guardHook(onError, () => {
      this.#count += 1
    })
  }

  get count(): number {
    return this.#count
  }

  readonly note = (where: string, error: unknown): void => {
    this.#count += 1
    const cause = failureCode(error)
    this.#notices.enter(`${where}:${cause}`, () =>
      this.#logger.error('Esper failed; the request passed.', { where, cause }),
    )
    this.#onError?.({ where, cause })
  }
}

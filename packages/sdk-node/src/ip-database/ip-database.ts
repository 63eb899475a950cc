import { type AddressOrigin, type Clock, type Logger, NoticeBoard } from '@esper/core'
import { LRUCache } from 'lru-cache'
import { failureCode } from '../failure-code.js'
import { DatabaseFile } from './database-file.js'

const MAX_ADDRESSES = 20_000
const CHECK_EVERY_MS = 10_000
const NOTHING: AddressOrigin = Object.freeze({})

export interface IpDatabaseOptions {
  readonly paths: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  /** How often the files are looked at, in milliseconds. Default 10,000. */
  readonly checkEveryMs?: number
}

/**
 * What MMDB files say of addresses. They are read in the background, and again whenever they change; until then, and for
 * what they do not know, nothing is said. A file that cannot be used is named once, and the one before it stays in force.
 */
export class IpDatabase {
  readonly #options: IpDatabaseOptions
  readonly #files: readonly DatabaseFile[]
  readonly #known = new LRUCache<string, AddressOrigin>({ max: MAX_ADDRESSES })
  readonly #notices = new NoticeBoard()
  #cancel: (() => void) | undefined
  #isStopped = false

  constructor(options: IpDatabaseOptions) {
    this.#options = options
    this.#files = options.paths.map((path) => new DatabaseFile(path))
  }

  /** Reads the files and keeps looking at them. Never rejects. */
  async start(): Promise<void> {
    await Promise.all(this.#files.map((file) => this.#refresh(file)))
    if (this.#isStopped) return
    const { clock, checkEveryMs = CHECK_EVERY_MS } = this.#options
    this.#cancel = clock.after(checkEveryMs, () => void this.start())
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
  }

  /** What is known of an address as `normaliseAddress` writes it. Never throws. */
  lookUp(address: string): AddressOrigin {
    const known = this.#known.get(address)
    if (known !== undefined) return known
    let found = NOTHING
    for (const file of this.#files) found = merged(found, this.#ask(file, address))
    this.#known.set(address, found)
    return found
  }

  #ask(file: DatabaseFile, address: string): AddressOrigin {
    try {
      return file.lookUp(address)
    } catch (error) {
      this.#sayBroken(file, error)
      return NOTHING
    }
  }

  async #refresh(file: DatabaseFile): Promise<void> {
    try {
      if (!(await file.refresh())) return
      this.#known.clear()
      this.#notices.leave(file.path, () => this.#options.logger.info('The address database can be used again.'))
    } catch (error) {
      this.#sayBroken(file, error)
    }
  }

  #sayBroken(file: DatabaseFile, error: unknown): void {
    this.#notices.enter(file.path, () =>
      this.#options.logger.warn(
        file.isLoaded
          ? 'An address database cannot be used; the one before it stays in force.'
          : 'An address database cannot be used; what it would say of addresses is missing.',
        { file: file.path, cause: failureCode(error) },
      ),
    )
  }
}

function merged(first: AddressOrigin, second: AddressOrigin): AddressOrigin {
  if (first === NOTHING) return second
  return {
    country: first.country ?? second.country,
    asn: first.asn ?? second.asn,
    asName: first.asName ?? second.asName,
  }
}

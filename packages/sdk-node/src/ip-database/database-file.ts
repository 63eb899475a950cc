import { readFile, stat } from 'node:fs/promises'
import type { AddressOrigin } from '@esper/core'
import { LRUCache } from 'lru-cache'
import { Reader, type Response } from 'mmdb-lib'
import { readOrigin } from './read-origin.js'

/** Decoded values that are kept, by their place in the file: most addresses share few of them. */
const MAX_DECODED = 10_000

/** One MMDB file: the one last read whole is in force until another is. */
export class DatabaseFile {
  readonly path: string
  #reader: Reader<Response> | undefined
  #seen = ''

  constructor(path: string) {
    this.path = path
  }

  get isLoaded(): boolean {
    return this.#reader !== undefined
  }

  /** Reads the file again if it has changed; whether it has. @throws when it cannot be used, and the earlier one stays */
  async refresh(): Promise<boolean> {
    const { mtimeMs, size, ino } = await stat(this.path)
    const seen = `${mtimeMs} ${size} ${ino}`
    if (seen === this.#seen) return false
    this.#seen = seen
    const reader = new Reader<Response>(await readFile(this.path), { cache: new LRUCache({ max: MAX_DECODED }) })
    // A file that was cut in the middle of its tree fails here and not in a request.
    for (const probe of ['192.0.2.1', '223.255.255.1', '2001:db8::1']) readOrigin(reader.get(probe))
    this.#reader = reader
    return true
  }

  /** @throws when the file is damaged where the address stands */
  lookUp(address: string): AddressOrigin {
    const reader = this.#reader
    if (reader === undefined || (reader.metadata.ipVersion === 4 && address.includes(':'))) return {}
    return readOrigin(reader.get(address))
  }
}

import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type BundleList, LIMITS } from '@esper/core'
import { sha256 } from '../platform/crypto.js'
import { writePrivateFile } from './private-file.js'

/** Whether these bytes are the part that a bundle names. */
export function isPartOf(part: Buffer, { bytes, sha256: hash }: BundleList): boolean {
  return part.length === bytes && sha256(part, 'base64url') === hash
}

/**
 * Parts of lists on disk, beside the bundle that names them: written whole or not at all, readable by this user alone, and
 * believed only where their hash is what the bundle says.
 */
export class ListFiles {
  readonly #folder: string
  readonly #prefix: string

  constructor(folder: string, keyid: string) {
    this.#folder = folder
    this.#prefix = `list-${keyid}-`
  }

  /** The part, or undefined when there is none that is what its name says. */
  read(reference: BundleList): Buffer | undefined {
    try {
      const part = readFileSync(join(this.#folder, this.#nameOf(reference.sha256)))
      return isPartOf(part, reference) ? part : undefined
    } catch {
      return undefined
    }
  }

  /** @throws when the disk refuses */
  write({ sha256 }: BundleList, part: Buffer): void {
    writePrivateFile(this.#folder, this.#nameOf(sha256), part.toString('utf8'))
  }

  /**
   * Removes parts that the bundle does not name, the oldest first, down to as many bytes as a bundle may name: another
   * process with the same key may be a bundle ahead or behind. @throws when the disk refuses
   */
  sweep(named: ReadonlySet<string>): void {
    const others = readdirSync(this.#folder)
      .filter((name) => name.startsWith(this.#prefix) && !named.has(name.slice(this.#prefix.length)))
      .map((name) => ({ file: join(this.#folder, name), ...this.#statOf(name) }))
      .sort((one, other) => other.mtimeMs - one.mtimeMs)
    let bytes = 0
    for (const { file, size } of others) {
      bytes += size
      if (bytes > LIMITS.bundleListBytes) rmSync(file, { force: true })
    }
  }

  /** Another process may have removed it meanwhile. */
  #statOf(name: string): { readonly size: number; readonly mtimeMs: number } {
    return statSync(join(this.#folder, name), { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 }
  }

  #nameOf(sha256: string): string {
    return `${this.#prefix}${sha256}`
  }
}

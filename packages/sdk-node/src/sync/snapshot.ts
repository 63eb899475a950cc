import { readFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ReceivedBundle } from './bundle-check.js'
import { writePrivateFile } from './private-file.js'

const HEADERS = ['content-digest', 'content-type', 'etag', 'signature-input', 'signature'] as const

function isReceived(value: unknown): value is ReceivedBundle {
  if (typeof value !== 'object' || value === null) return false
  const headers: unknown = Reflect.get(value, 'headers')
  return (
    typeof Reflect.get(value, 'status') === 'number' &&
    typeof Reflect.get(value, 'body') === 'string' &&
    typeof headers === 'object' &&
    headers !== null &&
    HEADERS.every((name) => typeof Reflect.get(headers, name) === 'string')
  )
}

/** Where a process keeps what outlives it: the given folder, or one of this user's own below the temporary one; `off` for nowhere. */
export function stateFolder(given: string | undefined): string | undefined {
  return given === 'off' ? undefined : (given ?? join(tmpdir(), `esper-${userInfo().uid}`))
}

/**
 * The last good bundle on disk, exactly as it was signed: written whole or not at all, readable by this user alone, and
 * believed only after its signature has been checked again.
 */
export class SnapshotFile {
  readonly #folder: string
  readonly #name: string

  constructor(folder: string, keyid: string) {
    this.#folder = folder
    this.#name = `bundle-${keyid}.json`
  }

  get path(): string {
    return join(this.#folder, this.#name)
  }

  /** What was written, or undefined when there is nothing that could be read. */
  read(): ReceivedBundle | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.path, 'utf8'))
      return isReceived(value) ? value : undefined
    } catch {
      return undefined
    }
  }

  /** Replaces the file. @throws when the disk refuses */
  write(received: ReceivedBundle): void {
    writePrivateFile(this.#folder, this.#name, JSON.stringify(received))
  }
}

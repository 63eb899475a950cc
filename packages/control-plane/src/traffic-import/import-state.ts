import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fingerprintOf, type LastLine } from './blocks.js'

/** How far a log is imported, as it is kept between runs. */
export interface ImportPoint {
  /** Everything before it is imported. */
  readonly offset: number
  /** Fingerprint of the line that ends there: tells this log from another one that begins alike. */
  readonly fingerprint: string
  /** Whether the line that starts there is imported too: it had no end yet. */
  readonly withOpenLine: boolean
  /** A batch that was not full went out from `start` to `end`, and may have been accepted. */
  readonly cut?: { readonly start: number; readonly end: number }
}

const offset = z.int().min(0)
const fileSchema = z.object({
  version: z.literal(1),
  points: z.array(
    z.object({
      offset,
      fingerprint: z.string(),
      withOpenLine: z.boolean(),
      cut: z.object({ start: offset, end: offset }).exactOptional(),
    }),
  ),
})

/** Most logs that begin with the same line and are told apart. */
const MAX_POINTS = 16

/** What is known of one log, for one key of one server: a small file. */
export class ImportState {
  readonly #path: string
  #others: readonly ImportPoint[] = []

  constructor(folder: string, name: string) {
    this.#path = join(folder, `${name}.json`)
  }

  /** Points of logs that begin alike, the furthest first; none where nothing was imported. @throws when the file cannot be used */
  async load(): Promise<readonly ImportPoint[]> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
    const parsed = fileSchema.safeParse(JSON.parse(text))
    if (!parsed.success) throw new Error(`${this.#path} is not what an import left behind; move it away to start anew.`)
    this.#others = parsed.data.points
    return [...parsed.data.points].sort((one, other) => other.offset - one.offset)
  }

  /** From now on `save` replaces this point; those of other logs stay. */
  continueFrom(point: ImportPoint | undefined): void {
    this.#others = this.#others.filter(
      (other) => other.offset !== point?.offset || other.fingerprint !== point.fingerprint,
    )
  }

  async save(point: ImportPoint): Promise<void> {
    const points = [point, ...this.#others].slice(0, MAX_POINTS)
    const draft = `${this.#path}.${process.pid}`
    await mkdir(join(this.#path, '..'), { recursive: true, mode: 0o700 })
    await writeFile(draft, JSON.stringify({ version: 1, points }), { mode: 0o600 })
    await rename(draft, this.#path)
  }
}

/** Name of the state of a log for a key of a server. */
export function stateName({
  url,
  keyId,
  identity,
}: {
  readonly url: URL
  readonly keyId: string
  readonly identity: string
}): string {
  return fingerprintOf(JSON.stringify([url.href, keyId, identity]))
}

/** Where an import stands behind a block. An open last line counts as imported, but what it becomes is not known yet. */
export function pointBehind(end: number, { start, ended, fingerprint }: LastLine): ImportPoint {
  return ended ? { offset: end, fingerprint, withOpenLine: false } : { offset: start, fingerprint, withOpenLine: true }
}

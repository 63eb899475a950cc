import { type BundleList, type PreparedList, prepareList, prepareListInSlices } from '@esper/core'
import { isPartOf, type ListFiles } from './list-files.js'

/** Fetches a part from the control plane. @throws when it cannot be had */
export type FetchPart = (reference: BundleList) => Promise<Buffer>

/** What is in lists, by hash. */
export type ListsByHash = ReadonlyMap<string, PreparedList>

/** A part is not what the bundle said. */
export class UnfitPart extends Error {
  override readonly name = 'UnfitPart'
}

export interface ListShelfOptions {
  /** Undefined where nothing is kept on disk. */
  readonly files: ListFiles | undefined
  /** Told when the disk refused, or took it. */
  readonly onKept: (error?: unknown) => void
}

/** What is in the lists of the bundle in force, each fetched once for as long as bundles name it. */
export class ListShelf {
  readonly #options: ListShelfOptions
  #prepared = new Map<string, PreparedList>()

  constructor(options: ListShelfOptions) {
    this.#options = options
  }

  /** What is in these lists by what is on disk; undefined when one of them is not there. */
  load(references: readonly BundleList[]): ListsByHash | undefined {
    for (const reference of references) {
      if (this.#prepared.has(reference.sha256)) continue
      const part = this.#options.files?.read(reference)
      const list = part === undefined ? undefined : prepareList(part.toString('utf8'))
      if (list === undefined) return undefined
      this.#prepared.set(reference.sha256, list)
    }
    return this.#prepared
  }

  /**
   * What is in these lists: as it is known, as it is on disk, or as it is fetched, one after the other and each checked by its
   * hash. What came before one could not be had is kept for the next time.
   */
  async gather(references: readonly BundleList[], fetch: FetchPart): Promise<ListsByHash> {
    for (const reference of references) {
      if (!this.#prepared.has(reference.sha256)) await this.#add(reference, fetch)
    }
    return this.#prepared
  }

  /** Forgets what the bundle in force does not name. */
  keepOnly(references: readonly BundleList[]): void {
    const named = new Set(references.map(({ sha256: hash }) => hash))
    this.#prepared = new Map([...this.#prepared].filter(([hash]) => named.has(hash)))
    this.#onDisk((files) => {
      if (references.length > 0) files.sweep(named)
    })
  }

  async #add(reference: BundleList, fetch: FetchPart): Promise<void> {
    const known = this.#options.files?.read(reference)
    const part = known ?? (await fetch(reference))
    if (!isPartOf(part, reference)) throw new UnfitPart('list_hash')
    const list = await preparedInSlices(part.toString('utf8'))
    if (list === undefined) throw new UnfitPart('list_format')
    this.#prepared.set(reference.sha256, list)
    if (known === undefined) this.#onDisk((files) => files.write(reference, part))
  }

  #onDisk(work: (files: ListFiles) => void): void {
    const { files, onKept } = this.#options
    if (files === undefined) return
    try {
      work(files)
      onKept()
    } catch (error) {
      onKept(error)
    }
  }
}

/** A slice at a time: requests are decided in between. */
async function preparedInSlices(part: string): Promise<PreparedList | undefined> {
  const steps = prepareListInSlices(part)
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    // Not unreferenced: such a one runs only when something else happens, and in a quiet process nothing does.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

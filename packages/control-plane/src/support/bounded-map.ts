/** Keeps so much by weight; the least recently used goes first, and what was set last stays whatever it weighs. */
export class BoundedMap<T> {
  readonly #items = new Map<string, { readonly item: T; readonly weight: number }>()
  readonly #most: number
  #weight = 0

  constructor(most: number) {
    this.#most = most
  }

  get(name: string): T | undefined {
    const found = this.#items.get(name)
    if (found === undefined) return undefined
    this.#items.delete(name)
    this.#items.set(name, found)
    return found.item
  }

  set(name: string, item: T, weight = 1): void {
    this.delete(name)
    this.#items.set(name, { item, weight })
    this.#weight += weight
    for (const oldest of this.#items.keys()) {
      if (this.#weight <= this.#most || this.#items.size === 1) return
      this.delete(oldest)
    }
  }

  delete(name: string): void {
    this.#weight -= this.#items.get(name)?.weight ?? 0
    this.#items.delete(name)
  }
}

interface Item {
  readonly key: string
  readonly expiresAt: number
}

/** Keys by the time at which they expire, soonest first. */
export class ExpiryHeap {
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  get first(): Item | undefined {
    return this.#items[0]
  }

  push(key: string, expiresAt: number): void {
    const items = this.#items
    const item = { key, expiresAt }
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = items[parent]
      if (above === undefined || above.expiresAt <= expiresAt) break
      items[at] = above
      at = parent
    }
    items[at] = item
  }

  pop(): Item | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      const right = items[child + 1]
      if (right !== undefined && right.expiresAt < (items[child]?.expiresAt ?? 0)) child += 1
      const below = items[child]
      if (below === undefined || below.expiresAt >= last.expiresAt) break
      items[at] = below
      at = child
    }
    items[at] = last
    return first
  }
}

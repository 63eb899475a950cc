/** So many of them have nearly all layouts that requests of an application come in. */
const KEPT = 16

/**
 * Keeps the last few of something alive. With the last object of a layout an engine also forgets the machine code for it:
 * after a garbage collection at a moment without requests, thousands would be decided ten times as slowly as before.
 */
export class Recent<Item> {
  readonly #items: Item[] = []
  #next = 0

  keep(item: Item): void {
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % KEPT
  }
}

/** A line as it came, without its end; `tooLong` when it was longer than is kept. `length` counts its bytes, its end included. */
export type Line =
  | { readonly bytes: Buffer; readonly length: number }
  | { readonly tooLong: true; readonly length: number }

const LINE_FEED = 10

/** Splits bytes at line feeds, whatever the pieces they come in. Keeps at most `maxBytes` of a line. */
export class LineSplitter {
  readonly #maxBytes: number
  #pieces: Buffer[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that end in this piece. */
  *add(piece: Buffer): Generator<Line> {
    let from = 0
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, from)) {
      this.#keep(piece.subarray(from, end))
      yield this.#take(1)
      from = end + 1
    }
    if (from < piece.length) this.#keep(piece.subarray(from))
  }

  /** What is left when there is no line feed at the end. */
  *end(): Generator<Line> {
    if (this.#bytes > 0) yield this.#take(0)
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length
    if (this.#bytes <= this.#maxBytes) this.#pieces.push(part)
    else this.#pieces = []
  }

  #take(endBytes: 0 | 1): Line {
    const length = this.#bytes + endBytes
    const line: Line = this.#bytes > this.#maxBytes ? { tooLong: true, length } : { bytes: this.#joined(), length }
    this.#pieces = []
    this.#bytes = 0
    return line
  }

  #joined(): Buffer {
    const [only] = this.#pieces
    return only !== undefined && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
  }
}

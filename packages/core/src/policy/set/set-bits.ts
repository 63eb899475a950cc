/** Sets one bit. */
export function setBit(bits: Uint32Array, position: number): void {
  const word = position >>> 5
  bits[word] = (bits[word] ?? 0) | (1 << (position & 31))
}

/** Sets some bits. */
export function setBits(bits: Uint32Array, positions: readonly number[]): void {
  for (const position of positions) setBit(bits, position)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES: ReadonlyMap<string, number> = new Map([
  ...[...ALPHABET].map((letter, value) => [letter, value] as const),
  ['-', 62],
  ['_', 63],
])

/** `$base64decode`: one letter a byte. As forgiving as jsonata is: letters of no meaning are skipped, `=` is the end. */
export function base64Decoded(text: string): string {
  let decoded = ''
  let bits = 0
  let held = 0
  for (const letter of text) {
    if (letter === '=') break
    const value = VALUES.get(letter)
    if (value === undefined) continue
    held = ((held << 6) | value) & 0xfff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    decoded += String.fromCharCode((held >> bits) & 0xff)
  }
  return decoded
}

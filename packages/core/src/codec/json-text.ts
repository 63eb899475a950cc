/** Printable ASCII that JSON writes as it is. */
const AS_IT_IS = /^[ !#-[\]-~]*$/

/** Whether a text is printable ASCII that JSON writes as it is, and Unicode normalisation leaves alone. */
export function isPlainText(text: string): boolean {
  return AS_IT_IS.test(text)
}

/** A text as JSON: what `JSON.stringify` gives, for the texts that nearly all are without the call. */
export function jsonText(text: string): string {
  return isPlainText(text) ? `"${text}"` : JSON.stringify(text)
}

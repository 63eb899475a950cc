/** A value of the encoded record: plain JSON data. Missing is `undefined`, never empty. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue }

/** The encoded record of one request: a plain object without a prototype, or one that `JSON.parse` made. */
export type Fields = { readonly [name: string]: FieldValue | undefined }

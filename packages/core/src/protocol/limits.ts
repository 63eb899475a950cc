/** Bounds that every part holds to. */
export const LIMITS = {
  /** UTF-16 units a text field is cut at, once, by the encoder. */
  textUnits: 8_192,
  expressionBytes: 4_096,
  expressionDepth: 64,
  programNodes: 2_000,
  patternUnits: 512,
  batchWireBytes: 1_048_576,
  batchInflatedBytes: 4_194_304,
  batchEvents: 500,
  jsonDepth: 32,
  objectKeys: 256,
  bundleBytes: 8_388_608,
  signaturePastSeconds: 300,
  signatureFutureSeconds: 60,
  nonceSeconds: 600,
  distinctValues: 1_000,
  keyFields: 8,
  challengeBodyBytes: 8_192,
  /** Entries of a list. */
  listEntries: 100_000,
  /** UTF-16 units of one entry. */
  listEntryUnits: 512,
  /** Bytes of a list's part: its entries and when they expire. */
  listBytes: 8_388_608,
  /** Bytes of all parts that one bundle refers to. */
  bundleListBytes: 33_554_432,
} as const

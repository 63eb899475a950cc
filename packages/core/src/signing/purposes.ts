/**
 * What an API key's derived keys are for: each is HKDF-SHA256(ikm = UTF-8 secret, salt = UTF-8 `api_key_id`,
 * info = the text here, 32 bytes). The secret itself never signs anything.
 */
export const KEY_PURPOSES = {
  /** Signs requests to the server. */
  ingestSigning: 'esper/ingest-signing/v1',
  /** Signs the bundle the server answers with. */
  bundleSigning: 'esper/bundle-signing/v1',
  /** Seals the shared keys inside the bundle. */
  bundleSeal: 'esper/bundle-seal/v1',
  /** Authenticates stream events and pages of deltas. */
  streamMac: 'esper/stream-mac/v1',
  /** Tells two secrets apart without showing any part of them. */
  fingerprint: 'esper/fingerprint/v1',
} as const
export type KeyPurpose = (typeof KEY_PURPOSES)[keyof typeof KEY_PURPOSES]

/** What went wrong, seen from the caller; `statuses` in problem.ts gives each its HTTP status. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'invalid'
  | 'limited'
  | 'internal'
  | 'unavailable'

interface ErrorCodeEntry {
  readonly kind: ErrorKind
  readonly title: string
}

/** Every code a problem can have. docs/errors.md is written from it. */
export const ERROR_CODES = {
  malformed_request: { kind: 'malformed', title: 'The request is not well formed.' },
  malformed_json: { kind: 'malformed', title: 'The body is not JSON.' },
  unauthenticated: { kind: 'unauthenticated', title: 'Sign in first.' },
  signature_malformed: { kind: 'malformed', title: 'The signature headers are not well formed.' },
  signature_invalid: { kind: 'unauthenticated', title: 'The signature does not hold.' },
  clock_skew: { kind: 'unauthenticated', title: 'The clock that signed is too far from ours.' },
  replay: { kind: 'conflict', title: 'This signature was used before.' },
  challenge_spent: { kind: 'conflict', title: 'The solved challenge was used before.' },
  service_token_invalid: { kind: 'unauthenticated', title: 'The service token is missing or wrong.' },
  login_link_invalid: { kind: 'unauthenticated', title: 'The login link was used before or is too old.' },
  forbidden: { kind: 'forbidden', title: 'Your role does not allow this.' },
  cross_site_request: { kind: 'forbidden', title: 'The request comes from another site.' },
  not_found: { kind: 'not_found', title: 'There is no such thing here.' },
  route_not_found: { kind: 'not_found', title: 'There is no such address.' },
  name_taken: { kind: 'conflict', title: 'The name is in use.' },
  slug_taken: { kind: 'conflict', title: 'The slug is in use.' },
  rotation_under_way: { kind: 'conflict', title: 'Two secrets of the key are live already.' },
  plan_changed: { kind: 'conflict', title: 'The policy set is not what it was when the plan was made.' },
  resource_in_use: { kind: 'conflict', title: 'An enabled policy needs this.' },
  last_owner: { kind: 'conflict', title: 'A tenant keeps at least one Owner.' },
  claim_expired: { kind: 'conflict', title: 'The lease is over; the batches went to another worker.' },
  method_not_allowed: { kind: 'unsupported', title: 'The address does not answer this method.' },
  body_too_large: { kind: 'too_large', title: 'The body is larger than allowed.' },
  unsupported_media_type: { kind: 'unsupported', title: 'The content type is not accepted.' },
  validation_failed: { kind: 'invalid', title: 'Some fields are not valid.' },
  expression_invalid: { kind: 'invalid', title: 'An expression is not valid.' },
  unknown_reference: { kind: 'invalid', title: 'A field names something that does not exist here.' },
  disabled_reference: { kind: 'invalid', title: 'An enabled policy needs something that is disabled.' },
  scope_needs_entity: { kind: 'invalid', title: 'Scope "entity" needs an entity definition.' },
  response_only_policy: {
    kind: 'invalid',
    title: 'A policy that reads the response needs an entity and scope "entity".',
  },
  bundle_too_large: { kind: 'invalid', title: 'The policy set would be too large.' },
  internal: { kind: 'internal', title: 'Something went wrong on our side.' },
  backlog_full: { kind: 'unavailable', title: 'Too much is waiting; send again later.' },
  unavailable: { kind: 'unavailable', title: 'Not available at the moment.' },
  dependency_unavailable: { kind: 'unavailable', title: 'A service this one needs does not answer.' },
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>

export type ErrorCode = keyof typeof ERROR_CODES

/**
 * What esper-server answers on its internal listener (the health port) under `/internal/v1`, with
 * `Authorization: Bearer <service token>`.
 *
 * - `GET /tenants/{tenant_id}/policy-sets/{revision}` (a number, or `latest`) -> `PolicySetContent`; 404.
 * - `GET /tenants/{tenant_id}/scopes/{counting_scope}/keys` -> `ScopeKeys`.
 * - `GET /tenants/{tenant_id}/list-parts/{sha256}` -> `ListPart`: what is in a list that a policy set names.
 * - `GET /stream` -> SSE: event `revision` `{tenant_id, revision}` for each new one, `heartbeat`.
 * - `POST /login-links` `{name, return_to?}` -> `{login_url, expires_at}`: signs in the local developer once.
 * - `POST /operator-tokens` `{name, ttl_seconds}` -> `{operator_token, expires_at}`: for the local developer.
 *
 * The last two exist only where `dev_login` is on, which is refused outside loopback addresses.
 */
import type { CountingScope, SharedKeyPurpose } from '@esper/core'

/** The part of a list, as core's `prepareList` reads it. */
export interface ListPart {
  readonly part: string
}

/** The shared keys of a counting scope in clear (base64url), for the engine alone. */
export interface ScopeKeys {
  readonly tenant_id: string
  readonly counting_scope: CountingScope
  readonly keys: readonly {
    readonly purpose: SharedKeyPurpose
    readonly key_id: string
    readonly state: 'current' | 'previous'
    readonly key: string
  }[]
}

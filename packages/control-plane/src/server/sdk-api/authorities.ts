/** Hosts under which SDKs may address this server, as they stand in signatures: lower case, default ports left out. */
export function authoritiesOf(publicOrigins: readonly string[]): readonly string[] {
  return [...new Set(publicOrigins.map((origin) => new URL(origin).host.toLowerCase()))]
}

/**
 * Authorities a signature may have been made for. A proxy may rewrite `Host`, so a request that comes under none of the
 * public names is tried under each.
 */
export function candidates(host: string | undefined, authorities: readonly string[]): readonly string[] {
  const own = host?.toLowerCase()
  return own !== undefined && authorities.includes(own) ? [own] : authorities
}

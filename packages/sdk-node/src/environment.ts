/** Environment variables that stand in for options; an option given in code wins. */
export const ENVIRONMENT = {
  url: 'ESPER_URL',
  keyId: 'ESPER_KEY_ID',
  secret: 'ESPER_SECRET',
  bundle: 'ESPER_BUNDLE',
  mode: 'ESPER_MODE',
  disabled: 'ESPER_DISABLE',
  snapshotDir: 'ESPER_SNAPSHOT_DIR',
  trustProxy: 'ESPER_TRUST_PROXY',
  ipDatabase: 'ESPER_IP_DATABASE',
} as const

/** The only reader of `process.env`: what is set, by the name of its option. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [option, variable] of Object.entries(ENVIRONMENT)) {
    const value = env[variable]
    if (value !== undefined && value !== '') found[option] = value
  }
  // `next build` runs an application's modules; no request comes there, and secrets may not be there either.
  if (env.NEXT_PHASE === 'phase-production-build') found.disabled = 'true'
  return found
}

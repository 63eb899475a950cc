import { EsperError, type Logger, readOptions } from '@esper/core'
import { ENVIRONMENT, readEnvironment } from './environment.js'
import { OPTION_TABLE } from './option-table.js'
import { trustedProxies } from './option-values.js'
import type { ControlPlaneAccess, EsperOptions, ResolvedOptions } from './options.js'

/** What `createEsper` was asked for, with the environment behind it, checked. */
export interface Settings {
  readonly logger: Logger | undefined
  /** Undefined when Esper is disabled: then nothing else is needed. */
  readonly resolved: ResolvedOptions | undefined
}

function required(options: Partial<EsperOptions>, name: 'url' | 'keyId' | 'secret'): string {
  const value = options[name]
  if (value !== undefined) return value
  const local = name === 'url' ? ' Without a control plane, give "bundle" (or ESPER_BUNDLE) instead.' : ''
  throw new EsperError('missing_option', `The option "${name}" (or ${ENVIRONMENT[name]}) is missing.${local}`)
}

function controlPlane(options: Partial<EsperOptions>): ControlPlaneAccess | undefined {
  if (options.url === undefined && options.bundle !== undefined) return undefined
  const url = new URL(required(options, 'url'))
  const keyId = required(options, 'keyId')
  const [apiKeyId = keyId] = keyId.split('.')
  return { url, apiKeyId, keyid: keyId.includes('.') ? keyId : `${keyId}.1`, secret: required(options, 'secret') }
}

/**
 * Joins options and environment and checks them all.
 * @throws EsperError naming the option and what it accepts
 */
export function resolveOptions(given: EsperOptions, env?: NodeJS.ProcessEnv): Settings {
  const options = readOptions<EsperOptions>({ ...readEnvironment(env), ...withoutUndefined(given) }, OPTION_TABLE)
  const logger = options.logger
  if (options.disabled === true) return { logger, resolved: undefined }
  return {
    logger,
    resolved: {
      controlPlane: controlPlane(options),
      bundle: options.bundle,
      secret: options.secret,
      mode: options.mode ?? 'enforce',
      trustProxy: trustedProxies(options.trustProxy ?? OPTION_TABLE.trustProxy.default),
      ipDatabase: typeof options.ipDatabase === 'string' ? [options.ipDatabase] : (options.ipDatabase ?? []),
      snapshotDir: options.snapshotDir,
      compression: options.compression ?? 'off',
      maxExpiredMs: options.maxExpiredMs ?? OPTION_TABLE.maxExpiredMs.default,
      maxQueueEvents: options.maxQueueEvents ?? OPTION_TABLE.maxQueueEvents.default,
      maxQueueBytes: options.maxQueueBytes ?? OPTION_TABLE.maxQueueBytes.default,
      maxBatchEvents: options.maxBatchEvents ?? OPTION_TABLE.maxBatchEvents.default,
      maxBatchAgeMs: options.maxBatchAgeMs ?? OPTION_TABLE.maxBatchAgeMs.default,
      maxMitigations: options.maxMitigations ?? OPTION_TABLE.maxMitigations.default,
      maxEntities: options.maxEntities ?? OPTION_TABLE.maxEntities.default,
      pollMs: options.pollMs ?? OPTION_TABLE.pollMs.default,
      timeoutMs: options.timeoutMs ?? OPTION_TABLE.timeoutMs.default,
      maxBodyBytes: options.maxBodyBytes ?? OPTION_TABLE.maxBodyBytes.default,
      bodyTimeoutMs: options.bodyTimeoutMs ?? OPTION_TABLE.bodyTimeoutMs.default,
      onDecision: options.onDecision,
      onError: options.onError,
    },
  }
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

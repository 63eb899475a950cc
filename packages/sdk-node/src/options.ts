import { BlockList, isIP } from 'node:net'
import {
  checked,
  EsperError,
  flag,
  integer,
  type Logger,
  type OptionRule,
  type OptionRules,
  oneOf,
  readOptions,
  text,
} from '@esper/core'
import { ENVIRONMENT, readEnvironment } from './environment.js'

/** `enforce` does what the policies say; `monitor` reports what it would have done and touches no request. */
export type Mode = 'enforce' | 'monitor'

/** Options of `createEsper`. Each can also come from the environment variable named with it; code wins. */
export interface EsperOptions {
  /** Origin of the control plane, for example `https://esper.example.com`. `ESPER_URL`. */
  readonly url?: string
  /** Id of the API key as it was shown: `<api_key_id>.<version>`. `ESPER_KEY_ID`. */
  readonly keyId?: string
  /** The API key's secret. `ESPER_SECRET`. */
  readonly secret?: string
  /** Default `enforce`. `ESPER_MODE`. */
  readonly mode?: Mode
  /** Takes Esper out: nothing is decided, recorded or connected. Default false. `ESPER_DISABLE`. */
  readonly disabled?: boolean
  /**
   * Whose `X-Forwarded-For` is believed: a number of proxies in front, or their addresses and CIDRs. Default 0: nobody.
   * `ESPER_TRUST_PROXY`, a number or a comma list.
   */
  readonly trustProxy?: number | readonly string[]
  /** Folder for the last good bundle, `off` for none. Default: a private folder below the temporary one. `ESPER_SNAPSHOT_DIR`. */
  readonly snapshotDir?: string
  /** Events kept while the control plane cannot take them. 100 to 1,000,000, default 10,000. */
  readonly maxQueueEvents?: number
  /** The same in bytes. 65,536 to 1,073,741,824, default 16,777,216. */
  readonly maxQueueBytes?: number
  /** Events in a batch, 1 to 500. Default 100. */
  readonly maxBatchEvents?: number
  /** Longest an event waits for its batch to fill, in milliseconds, 10 to 60,000. Default 1,000. */
  readonly maxBatchAgeMs?: number
  /** Entities held by mitigations that are remembered, 1,000 to 10,000,000. Default 100,000. */
  readonly maxMitigations?: number
  /** Entities counted in local windows, 1,000 to 10,000,000. Default 100,000. */
  readonly maxEntities?: number
  /** How often the control plane is asked while no stream is up, in milliseconds, 1,000 to 3,600,000. Default 30,000. */
  readonly pollMs?: number
  /** Limit of one call to the control plane, in milliseconds, 100 to 120,000. Default 10,000. Never on the request path. */
  readonly timeoutMs?: number
  /** Where messages go: `debug`, `info`, `warn`, `error`. Default: warnings and errors to the console. */
  readonly logger?: Logger
}

/** Options with everything filled in. */
export interface ResolvedOptions {
  readonly url: URL
  readonly apiKeyId: string
  readonly keyid: string
  readonly secret: string
  readonly mode: Mode
  readonly trustProxy: number | BlockList
  readonly snapshotDir: string | undefined
  readonly maxQueueEvents: number
  readonly maxQueueBytes: number
  readonly maxBatchEvents: number
  readonly maxBatchAgeMs: number
  readonly maxMitigations: number
  readonly maxEntities: number
  readonly pollMs: number
  readonly timeoutMs: number
}

const NUMBERS = {
  maxQueueEvents: { min: 100, max: 1_000_000, default: 10_000 },
  maxQueueBytes: { min: 65_536, max: 1_073_741_824, default: 16_777_216 },
  maxBatchEvents: { min: 1, max: 500, default: 100 },
  maxBatchAgeMs: { min: 10, max: 60_000, default: 1_000 },
  maxMitigations: { min: 1_000, max: 10_000_000, default: 100_000 },
  maxEntities: { min: 1_000, max: 10_000_000, default: 100_000 },
  pollMs: { min: 1_000, max: 3_600_000, default: 30_000 },
  timeoutMs: { min: 100, max: 120_000, default: 10_000 },
} as const

function readOrigin(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const { protocol, username, password, pathname, search, hash } = new URL(value)
  const plain = username === '' && password === '' && pathname === '/' && search === '' && hash === ''
  return (protocol === 'http:' || protocol === 'https:') && plain ? value : undefined
}

function readProxies(value: unknown): number | readonly string[] | undefined {
  const given =
    typeof value === 'string' && !/^[0-9]+$/.test(value) ? value.split(',').map((each) => each.trim()) : value
  if (!Array.isArray(given)) return integer({ min: 0, max: 32 }).read(given)
  return given.every((each) => typeof each === 'string' && parseRange(each) !== undefined) ? given : undefined
}

function parseRange(range: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', bits, ...rest] = range.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const length = bits === undefined ? most : /^[0-9]{1,3}$/.test(bits) ? Number(bits) : -1
  if (version === 0 || rest.length > 0 || length < 0 || length > most) return undefined
  return { address, bits: length, family: version === 4 ? 'ipv4' : 'ipv6' }
}

const LEVELS: readonly (keyof Logger)[] = ['debug', 'info', 'warn', 'error']
function isLogger(value: unknown): value is Logger {
  return (
    typeof value === 'object' &&
    value !== null &&
    LEVELS.every((level) => typeof Reflect.get(value, level) === 'function')
  )
}

const number = (name: keyof typeof NUMBERS): OptionRule<number> => integer(NUMBERS[name])

const RULES: OptionRules<EsperOptions> = {
  url: { accepts: 'an http or https origin without a path, such as "https://esper.example.com"', read: readOrigin },
  keyId: text('the id shown with the API key, such as "key_….1"', /^[A-Za-z0-9_-]{1,64}(\.[1-9][0-9]{0,5})?$/),
  secret: text('the secret shown with the API key, at least 32 characters', /^[!-~]{32,512}$/),
  mode: oneOf(['enforce', 'monitor']),
  disabled: flag(),
  trustProxy: { accepts: 'a number of proxies from 0 to 32, or a list of addresses and CIDRs', read: readProxies },
  snapshotDir: text('a folder, or "off"', /^[^\0]{1,4096}$/),
  maxQueueEvents: number('maxQueueEvents'),
  maxQueueBytes: number('maxQueueBytes'),
  maxBatchEvents: number('maxBatchEvents'),
  maxBatchAgeMs: number('maxBatchAgeMs'),
  maxMitigations: number('maxMitigations'),
  maxEntities: number('maxEntities'),
  pollMs: number('pollMs'),
  timeoutMs: number('timeoutMs'),
  logger: checked('an object with the functions debug, info, warn and error', isLogger),
}

function trusted(proxies: number | readonly string[]): number | BlockList {
  if (typeof proxies === 'number') return proxies
  const list = new BlockList()
  for (const range of proxies) {
    const parsed = parseRange(range)
    if (parsed !== undefined) list.addSubnet(parsed.address, parsed.bits, parsed.family)
  }
  return list
}

function required(options: Partial<EsperOptions>, name: 'url' | 'keyId' | 'secret'): string {
  const value = options[name]
  if (value !== undefined) return value
  throw new EsperError('missing_option', `The option "${name}" (or ${ENVIRONMENT[name]}) is missing.`)
}

/** What `createEsper` was asked for, with the environment behind it, checked. */
export interface Settings {
  readonly logger: Logger | undefined
  /** Undefined when Esper is disabled: then nothing else is needed. */
  readonly resolved: ResolvedOptions | undefined
}

/**
 * Joins options and environment and checks them all.
 * @throws EsperError naming the option and what it accepts
 */
export function resolveOptions(given: EsperOptions, env?: NodeJS.ProcessEnv): Settings {
  const options = readOptions<EsperOptions>({ ...readEnvironment(env), ...withoutUndefined(given) }, RULES)
  const logger = options.logger
  if (options.disabled === true) return { logger, resolved: undefined }
  const keyId = required(options, 'keyId')
  const [apiKeyId = keyId] = keyId.split('.')
  return {
    logger,
    resolved: {
      url: new URL(required(options, 'url')),
      apiKeyId,
      keyid: keyId.includes('.') ? keyId : `${keyId}.1`,
      secret: required(options, 'secret'),
      mode: options.mode ?? 'enforce',
      trustProxy: trusted(options.trustProxy ?? 0),
      snapshotDir: options.snapshotDir,
      maxQueueEvents: options.maxQueueEvents ?? NUMBERS.maxQueueEvents.default,
      maxQueueBytes: options.maxQueueBytes ?? NUMBERS.maxQueueBytes.default,
      maxBatchEvents: options.maxBatchEvents ?? NUMBERS.maxBatchEvents.default,
      maxBatchAgeMs: options.maxBatchAgeMs ?? NUMBERS.maxBatchAgeMs.default,
      maxMitigations: options.maxMitigations ?? NUMBERS.maxMitigations.default,
      maxEntities: options.maxEntities ?? NUMBERS.maxEntities.default,
      pollMs: options.pollMs ?? NUMBERS.pollMs.default,
      timeoutMs: options.timeoutMs ?? NUMBERS.timeoutMs.default,
    },
  }
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

import { checked, flag, integer, type Logger, type OptionRule, oneOf, text } from '@esper/core'
import { ENVIRONMENT } from './environment.js'
import { readOrigin, readPaths, readProxies } from './option-values.js'
import type { EsperOptions } from './options.js'

/** One option as it is checked, filled in and documented. */
export interface OptionRow<T> extends OptionRule<T> {
  readonly default?: T
  /** Stands in the table where the default is no value of the option. */
  readonly defaultText?: string
  readonly doc: string
}

type Given<K extends keyof EsperOptions> = Exclude<EsperOptions[K], undefined>

interface Span {
  readonly min: number
  readonly max: number
  readonly default: number
}

const number = (span: Span, doc: string) => ({ ...integer(span), default: span.default, doc })

const LEVELS: readonly (keyof Logger)[] = ['debug', 'info', 'warn', 'error']
function isLogger(value: unknown): value is Logger {
  return (
    typeof value === 'object' &&
    value !== null &&
    LEVELS.every((level) => typeof Reflect.get(value, level) === 'function')
  )
}

const isFunction = (value: unknown): value is () => void => typeof value === 'function'

/** Every option, once: what it accepts, its default, what it is for. Units stand in the names. */
export const OPTION_TABLE = {
  url: {
    accepts: 'an http or https origin without a path, such as "https://esper.example.com"',
    read: readOrigin,
    doc: 'Origin of the control plane. Needed unless `bundle` is given.',
  },
  keyId: {
    ...text('the id shown with the API key, such as "key_….1"', /^[A-Za-z0-9_-]{1,64}(\.[1-9][0-9]{0,5})?$/),
    doc: 'Id shown with the API key, `<api_key_id>.<version>`. Needed with `url`.',
  },
  secret: {
    ...text('the secret shown with the API key, at least 32 characters', /^[!-~]{32,512}$/),
    doc: 'Secret shown with the API key. Needed with `url`; with `bundle` alone it makes several processes accept each other’s clearances.',
  },
  bundle: {
    ...text('the path of a file that "esper bundle build" wrote', /^[^\0]{1,4096}$/),
    doc: 'File to decide with until a control plane has given its own bundle; read once, at construction.',
  },
  mode: {
    ...oneOf(['enforce', 'monitor']),
    default: 'enforce',
    doc: '`monitor` enforces nothing and reports what it would have done.',
  },
  disabled: {
    ...flag(),
    default: false,
    doc: 'Takes Esper out: nothing is decided, recorded or connected.',
  },
  trustProxy: {
    accepts: 'a number of proxies from 0 to 32, or a list of addresses and CIDRs',
    read: readProxies,
    default: 0,
    doc: 'Proxies in front, as a number or as addresses and CIDRs; only theirs is believed in `X-Forwarded-For`.',
  },
  ipDatabase: {
    accepts: 'paths of MMDB files',
    read: readPaths,
    doc: 'MMDB files that say the country and the network of addresses (`ip_country`, `ip_asn`, `ip_as_name`); read again when they change.',
  },
  snapshotDir: {
    ...text('a folder, or "off"', /^[^\0]{1,4096}$/),
    defaultText: 'a private folder below the temporary one',
    doc: 'Where the last good bundle is kept, and what the last process lost; `off` for nowhere.',
  },
  maxExpiredMs: number(
    { min: 0, max: 2_592_000_000, default: 86_400_000 },
    'How long past its time a bundle still enforces what fails closed, in milliseconds; then nothing is enforced.',
  ),
  maxQueueEvents: number(
    { min: 100, max: 1_000_000, default: 10_000 },
    'Events kept while the control plane cannot take them.',
  ),
  maxQueueBytes: number({ min: 65_536, max: 1_073_741_824, default: 16_777_216 }, 'The same in bytes.'),
  maxBatchEvents: number({ min: 1, max: 500, default: 100 }, 'Events in a batch.'),
  maxBatchAgeMs: number(
    { min: 10, max: 60_000, default: 1_000 },
    'Longest an event waits for its batch to fill, in milliseconds.',
  ),
  compression: {
    ...oneOf(['off', 'br']),
    default: 'off',
    doc: '`br` compresses batches with brotli: about a fifth of the bytes for about a fifth more CPU time.',
  },
  maxMitigations: number(
    { min: 1_000, max: 10_000_000, default: 100_000 },
    'Entities held by mitigations that are remembered; blocks are never driven out by others.',
  ),
  maxEntities: number({ min: 1_000, max: 10_000_000, default: 100_000 }, 'Entities counted in local windows.'),
  pollMs: number(
    { min: 1_000, max: 3_600_000, default: 30_000 },
    'How often the control plane is asked while no stream is up, in milliseconds.',
  ),
  timeoutMs: number(
    { min: 100, max: 120_000, default: 10_000 },
    'Limit of one call to the control plane, in milliseconds. Never on the request path.',
  ),
  maxBodyBytes: number(
    { min: 0, max: 1_048_576, default: 65_536 },
    'Largest request body that is read where a policy reads bodies, in bytes; fields of a larger one are missing.',
  ),
  bodyTimeoutMs: number(
    { min: 10, max: 60_000, default: 1_000 },
    'Longest a request waits for its body where a policy reads bodies, in milliseconds.',
  ),
  logger: {
    ...checked('an object with the functions debug, info, warn and error', isLogger),
    defaultText: 'the console, warnings and errors',
    doc: 'Where messages go: `{ debug, info, warn, error }`, each `(message, data?)`. Whatever it throws or rejects stays there.',
  },
  onDecision: {
    ...checked('a function', isFunction),
    doc: 'Called with each decision, at once; keep it short. What it throws or rejects is counted and goes no further.',
  },
  onError: {
    ...checked('a function', isFunction),
    doc: 'Called with `{ where, cause }` for each failure inside Esper. What it throws or rejects goes no further.',
  },
} satisfies { readonly [K in keyof EsperOptions]-?: OptionRow<Given<K>> }

/** The table as Markdown, for the README. */
export function documentSdkOptions(): string {
  const rows = Object.entries(OPTION_TABLE).map(([name, row]: [string, OptionRow<unknown>]) => {
    const variable: unknown = Reflect.get(ENVIRONMENT, name)
    const environment = typeof variable === 'string' ? `\`${variable}\`` : ''
    return `| \`${name}\` | ${environment} | ${row.accepts} | ${defaultOf(row)} | ${row.doc} |`
  })
  return ['| Option | Environment | Accepts | Default | |', '|---|---|---|---|---|', ...rows].join('\n')
}

function defaultOf({ default: value, defaultText }: OptionRow<unknown>): string {
  if (defaultText !== undefined) return defaultText
  if (typeof value === 'number') return value.toLocaleString('en-US')
  return value === undefined ? '' : `\`${String(value)}\``
}

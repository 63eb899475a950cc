import { readFileSync } from 'node:fs'
import type { Role } from '../runtime/role.js'
import type { Option } from './option.js'
import { type Config, OPTIONS, type OptionKey } from './options.js'

export interface ConfigSources {
  /** What the process is to be; decides which options are required. */
  readonly role?: Role
  /** By option key. */
  readonly flags?: Readonly<Partial<Record<OptionKey, string>>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Path of a JSON file; `ESPER_CONFIG` when left out. */
  readonly file?: string | undefined
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] }

export const OPTION_KEYS: readonly OptionKey[] = Object.keys(OPTIONS).filter(isOptionKey)

interface Found {
  readonly value: string
  readonly from: string
}

/** Flags over environment over file over defaults. Reports every problem at once, never a secret's value. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const problems: string[] = []
  const file = readConfigFile(sources.file ?? sources.env.ESPER_CONFIG, problems)
  const values: Partial<Record<OptionKey, unknown>> = {}
  for (const key of OPTION_KEYS) {
    values[key] = resolveOption({ key, found: findValue({ key, sources, file }), role: sources.role, problems })
  }
  for (const name of Object.keys(sources.env)) checkKnown(name, problems)
  if (problems.length > 0 || !isComplete(values)) return { ok: false, problems }
  const config = withDerived(values)
  problems.push(...crossChecks(config))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config }
}

interface Resolve {
  readonly key: OptionKey
  readonly found: Found | undefined
  readonly role: Role | undefined
  readonly problems: string[]
}

function resolveOption({ key, found, role, problems }: Resolve): unknown {
  const option: Option<unknown> = OPTIONS[key]
  if (found === undefined) {
    if (role !== undefined && option.requiredBy?.includes(role) === true) {
      problems.push(`${option.env} is required: ${option.doc}`)
    }
    return option.default
  }
  const parsed = option.parse(found.value)
  if (parsed.ok) return parsed.value
  const shown = option.secret === true ? '' : ` (is ${JSON.stringify(found.value)})`
  problems.push(`${found.from} ${parsed.problem}${shown}`)
  return option.default
}

interface Find {
  readonly key: OptionKey
  readonly sources: ConfigSources
  readonly file: ReadonlyMap<string, string>
}

function findValue({ key, sources, file }: Find): Found | undefined {
  const option: Option<unknown> = OPTIONS[key]
  const fromFlag = sources.flags?.[key]
  if (fromFlag !== undefined) return { value: fromFlag, from: `--${option.flag ?? key}` }
  const fromEnv = sources.env[option.env]
  if (fromEnv !== undefined && fromEnv !== '') return { value: fromEnv, from: option.env }
  const fromFile = file.get(key)
  return fromFile === undefined ? undefined : { value: fromFile, from: `"${key}" of the configuration file` }
}

/** A JSON object by option key. Values may be text, numbers, booleans, and arrays of text. */
function readConfigFile(path: string | undefined, problems: string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  if (path === undefined || path === '') return values
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    problems.push(`the configuration file ${path} cannot be read: ${error instanceof Error ? error.message : error}`)
    return values
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push(`the configuration file ${path} must hold one JSON object`)
    return values
  }
  for (const [key, value] of Object.entries(content)) {
    if (!isOptionKey(key)) problems.push(`the configuration file ${path} names an unknown option "${key}"`)
    else if (['string', 'number', 'boolean'].includes(typeof value)) values.set(key, String(value))
    else if (isTextList(value)) values.set(key, value.join(','))
    else problems.push(`"${key}" of the configuration file must be text, a number, true, false or a list of text`)
  }
  return values
}

/** A misspelt variable of ours would otherwise silently leave a default in force. */
function checkKnown(name: string, problems: string[]): void {
  if (!name.startsWith('ESPER_') || KNOWN_ENV.has(name)) return
  const near = [...KNOWN_ENV].find((known) => known.replaceAll('_', '') === name.replaceAll('_', ''))
  if (near !== undefined) problems.push(`${name} is not an option; did you mean ${near}?`)
}

function withDerived(config: Config): Config {
  if (config.publicOrigins.length > 0) return config
  const hosts = new Set(['127.0.0.1', 'localhost', ...(isWildcard(config.serverHost) ? [] : [config.serverHost])])
  return { ...config, publicOrigins: [...hosts].map((host) => originOf(host, config.serverPort)) }
}

function crossChecks(config: Config): string[] {
  const problems: string[] = []
  if (config.devLogin) {
    const open = [config.serverHost, config.internalHost].filter((host) => !isLoopback(host))
    const names = config.publicOrigins.filter((origin) => !isLoopback(new URL(origin).hostname))
    for (const place of [...open, ...names]) {
      problems.push(
        `${OPTIONS.devLogin.env} is for one's own machine and refused with ${place}: use loopback addresses only`,
      )
    }
  }
  return problems
}

function originOf(host: string, port: number): string {
  return new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}`).origin
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function isLoopback(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)$/.test(host)
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isOptionKey(key: string): key is OptionKey {
  return Object.hasOwn(OPTIONS, key)
}

function isComplete(values: Partial<Record<OptionKey, unknown>>): values is Config {
  return OPTION_KEYS.every((key) => values[key] !== undefined)
}

const KNOWN_ENV: ReadonlySet<string> = new Set(Object.values(OPTIONS).map((option) => option.env))

import type { Role } from '../runtime/role.js'

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

/** One row of the table of options. Environment name, flag and file key all set the same value. */
export interface Option<T> {
  readonly env: `ESPER_${string}`
  /** Without the leading dashes; secrets have none, since other users of the machine can read a command line. */
  readonly flag?: string
  /** As the documentation names it. */
  readonly type: string
  readonly default: T
  /** What the documentation shows when the default is worked out from other options. */
  readonly defaultText?: string
  readonly secret?: boolean
  /** The roles that cannot run without a value of one's own. */
  readonly requiredBy?: readonly Role[]
  readonly doc: string
  parse(text: string): Parsed<T>
}

type Row<T> = Omit<Option<T>, 'type' | 'parse'>

const ok = <T>(value: T): Parsed<T> => ({ ok: true, value })
const no = (problem: string): Parsed<never> => ({ ok: false, problem })

export function text(row: Row<string>): Option<string> {
  return { ...row, type: 'text', parse: (value) => (value.trim() === '' ? no('must not be empty') : ok(value)) }
}

export function matching(row: Row<string> & { readonly pattern: RegExp; readonly meaning: string }): Option<string> {
  const { pattern, meaning, ...rest } = row
  return { ...rest, type: 'text', parse: (value) => (pattern.test(value) ? ok(value) : no(`must be ${meaning}`)) }
}

export function integer(
  row: Row<number> & { readonly min: number; readonly max: number; readonly unit: string },
): Option<number> {
  const { min, max, unit, ...rest } = row
  return {
    ...rest,
    type: `integer (${unit}, ${min} to ${max})`,
    parse: (value) => {
      const parsed = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
      return parsed >= min && parsed <= max ? ok(parsed) : no(`must be a whole number from ${min} to ${max}`)
    },
  }
}

export function port(row: Row<number>): Option<number> {
  const inner = integer({ ...row, min: 0, max: 65_535, unit: 'port' })
  return { ...inner, type: 'port (0 takes any free one)' }
}

export function flag(row: Row<boolean>): Option<boolean> {
  return {
    ...row,
    type: '`true` or `false`',
    parse: (value) => {
      if (/^(?:1|true|yes|on)$/i.test(value)) return ok(true)
      return /^(?:0|false|no|off)$/i.test(value) ? ok(false) : no('must be true or false')
    },
  }
}

export function choice<const T extends string>(row: Row<T> & { readonly choices: readonly T[] }): Option<T> {
  const { choices, ...rest } = row
  return {
    ...rest,
    type: choices.map((one) => `\`${one}\``).join(', '),
    parse: (value) => {
      const found = choices.find((one) => one === value)
      return found === undefined ? no(`must be one of ${choices.join(', ')}`) : ok(found)
    },
  }
}

export function url(row: Row<string>): Option<string> {
  return { ...row, type: 'http(s) URL', parse: parseUrl }
}

export function origins(row: Row<readonly string[]>): Option<readonly string[]> {
  return {
    ...row,
    type: 'comma-separated origins',
    parse: (value) => {
      const list = splitList(value).map((one) => (one.includes('://') ? parseOrigin(one) : no(`${one} has no scheme`)))
      const bad = list.find((one) => !one.ok)
      if (bad !== undefined) return bad
      return list.length === 0
        ? no('must name at least one origin')
        : ok(list.flatMap((one) => (one.ok ? one.value : [])))
    },
  }
}

export function mongodbUri(row: Row<string>): Option<string> {
  return {
    ...row,
    type: 'MongoDB connection string',
    parse: (value) =>
      /^mongodb(?:\+srv)?:\/\/[^/\s]+/.test(value)
        ? ok(value)
        : no('must begin with mongodb:// or mongodb+srv:// and name a host'),
  }
}

export function serviceToken(row: Row<string>): Option<string> {
  return {
    ...row,
    type: 'text (32 characters or more)',
    parse: (value) =>
      /^[\x21-\x7e]{32,512}$/.test(value) ? ok(value) : no('must be 32 to 512 printable characters without spaces'),
  }
}

/** A key that wraps other keys. The first of the list encrypts, all of them decrypt. */
export interface MasterKey {
  readonly id: string
  /** 32 bytes. */
  readonly key: Buffer
}

export function masterKeys(row: Row<readonly MasterKey[]>): Option<readonly MasterKey[]> {
  return { ...row, type: '`id:base64` of 32 bytes, comma-separated', parse: parseMasterKeys }
}

function parseMasterKeys(value: string): Parsed<readonly MasterKey[]> {
  const keys: MasterKey[] = []
  for (const part of splitList(value)) {
    const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{43}=?)$/.exec(part)
    const [, id, encoded] = match ?? []
    if (id === undefined || encoded === undefined) return no('must be id:base64 of exactly 32 bytes, comma-separated')
    if (keys.some((key) => key.id === id)) return no(`names ${id} twice`)
    keys.push({ id, key: Buffer.from(encoded, 'base64') })
  }
  return keys.length === 0 ? no('must hold at least one key') : ok(keys)
}

function parseUrl(value: string): Parsed<string> {
  if (!URL.canParse(value)) return no('must be a URL')
  const parsed = new URL(value)
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') return no('must begin with http:// or https://')
  if (parsed.username !== '' || parsed.search !== '' || parsed.hash !== '')
    return no('must hold no user, query or fragment')
  return ok(parsed.href.replace(/\/$/, ''))
}

function parseOrigin(value: string): Parsed<string> {
  const parsed = parseUrl(value)
  if (!parsed.ok) return parsed
  const { origin, pathname } = new URL(parsed.value)
  return pathname === '/' ? ok(origin) : no(`${value} is not an origin: it has a path`)
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

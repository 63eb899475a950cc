import { sha256Base64Url } from '../codec/sha256.js'
import { BUNDLE_FORMAT, type PolicySetContent } from './bundle.js'
import { LIMITS } from './limits.js'
import { TRUST_LEVELS, type TrustLevel } from './resources.js'

/** Version of the file's own shape. */
export const LOCAL_BUNDLE_FORMAT = 1

/** What an application decides with when no control plane has given it a bundle: policies, and for whom. No keys, no secrets. */
export interface LocalBundleContent extends PolicySetContent {
  readonly source_id: string
  readonly trust_level: TrustLevel
  /** Epoch milliseconds. */
  readonly built_at: number
}

/** The file `esper bundle build` writes, as JSON. */
export interface LocalBundleFile {
  readonly esper_bundle: typeof LOCAL_BUNDLE_FORMAT
  /** base64url of SHA-256 of `content` as canonical JSON: tells a file that was cut or edited by hand. No signature. */
  readonly digest: string
  readonly content: LocalBundleContent
}

/** Why a file is no local bundle. */
export type LocalBundleRefusal =
  | 'too_large'
  | 'not_json'
  | 'not_a_local_bundle'
  | 'unknown_format'
  | 'digest_mismatch'
  | 'malformed'

/** The text of a local bundle file. The same content gives the same text. */
export function formatLocalBundle(content: LocalBundleContent): string {
  const file: LocalBundleFile = { esper_bundle: LOCAL_BUNDLE_FORMAT, digest: digestOf(content), content }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** Reads and checks the text of a local bundle file. Never throws. Programs are checked when they are prepared. */
export function readLocalBundle(
  text: string,
):
  | { readonly ok: true; readonly content: LocalBundleContent }
  | { readonly ok: false; readonly reason: LocalBundleRefusal } {
  if (text.length > LIMITS.bundleBytes) return { ok: false, reason: 'too_large' }
  const file = parse(text)
  if (file === undefined) return { ok: false, reason: 'not_json' }
  const format: unknown = Reflect.get(file, 'esper_bundle')
  if (typeof format !== 'number') return { ok: false, reason: 'not_a_local_bundle' }
  if (format !== LOCAL_BUNDLE_FORMAT) return { ok: false, reason: 'unknown_format' }
  const content: unknown = Reflect.get(file, 'content')
  if (typeof content === 'object' && content !== null && Reflect.get(content, 'format') !== BUNDLE_FORMAT) {
    return { ok: false, reason: 'unknown_format' }
  }
  if (!isLocalBundleContent(content)) return { ok: false, reason: 'malformed' }
  return Reflect.get(file, 'digest') === digestOf(content)
    ? { ok: true, content }
    : { ok: false, reason: 'digest_mismatch' }
}

function digestOf(content: object): string {
  return sha256Base64Url(JSON.stringify(sorted(content)))
}

/** Keys in order at every level: the order in which a file was written does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, sorted(item)]))
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const LISTS = ['actions', 'entity_definitions', 'mitigations', 'policies'] as const
const DEMANDED = ['headers', 'cookies', 'query', 'route', 'body', 'labels'] as const

/** The shape that everything behind the check relies on. */
export function isPolicySetContent(value: unknown): value is PolicySetContent {
  if (typeof value !== 'object' || value === null) return false
  const field = (name: string): unknown => Reflect.get(value, name)
  return (
    typeof field('tenant_id') === 'string' &&
    Number.isSafeInteger(field('revision')) &&
    (field('enforcement') === 'on' || field('enforcement') === 'monitor') &&
    isListOf(field('clear_cookies'), (item) => typeof item === 'string') &&
    isDemand(field('demand')) &&
    LISTS.every((name) => isListOf(field(name), (item) => typeof item === 'object' && item !== null))
  )
}

function isLocalBundleContent(value: unknown): value is LocalBundleContent {
  if (!isPolicySetContent(value)) return false
  const trust: unknown = Reflect.get(value, 'trust_level')
  return (
    typeof Reflect.get(value, 'source_id') === 'string' &&
    Number.isSafeInteger(Reflect.get(value, 'built_at')) &&
    TRUST_LEVELS.some((level) => level === trust)
  )
}

function isDemand(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return DEMANDED.every((name) => isListOf(Reflect.get(value, name), (item) => typeof item === 'string'))
}

function isListOf(value: unknown, test: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(test)
}

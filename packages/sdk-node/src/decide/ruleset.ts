import type { KeyObject } from 'node:crypto'
import {
  type Bundle,
  type BundleMitigation,
  countingScope,
  type LocalBundleContent,
  listContents,
  type MatchOptions,
  type PolicySet,
  preparePolicySet,
  type SharedKeyPurpose,
} from '@esper/core'
import { deriveKey, mac, type PurposeKeys, randomKey, sha256, unseal } from '../platform/crypto.js'
import type { ListsByHash } from '../sync/list-shelf.js'
import { EventEncoder } from './event-encoder.js'
import type { NamedKey } from './token.js'

/** A bundle, ready to decide with: programs prepared, keys opened. Replaced whole, never changed. */
export interface Ruleset {
  readonly bundle: Bundle
  readonly set: PolicySet
  /** How requests are matched once the application has said all it knows; made once, not for each of them. */
  readonly matches: MatchOptions
  /** And before that. */
  readonly matchesFirst: MatchOptions
  readonly entityKey: KeyObject
  readonly encoder: EventEncoder
  /** Current first. */
  readonly challengeKeys: readonly [NamedKey, ...NamedKey[]]
  readonly clearanceKeys: readonly [NamedKey, ...NamedKey[]]
}

function openKeys(bundle: Bundle, keys: PurposeKeys, purpose: SharedKeyPurpose): NamedKey[] {
  const opened: NamedKey[] = []
  const wanted = bundle.keys.filter((sealed) => sealed.purpose === purpose)
  const ordered = [...wanted].sort((a, b) => Number(b.state === 'current') - Number(a.state === 'current'))
  for (const { key_id: keyId, sealed } of ordered) {
    const context = `${bundle.tenant_id}|${bundle.source_id}|${purpose}|${keyId}`
    const key = unseal(sealed, keys.bundleSeal, context)
    if (key !== undefined) opened.push({ keyId, key })
  }
  return opened
}

/** Prepares a checked bundle; undefined when a key it must hold cannot be opened. */
export function prepareRuleset(bundle: Bundle, keys: PurposeKeys, lists?: ListsByHash): Ruleset | undefined {
  const [entity] = openKeys(bundle, keys, 'entity')
  const [redaction] = openKeys(bundle, keys, 'redaction')
  const [challenge, ...olderChallenge] = openKeys(bundle, keys, 'challenge')
  const [clearance, ...olderClearance] = openKeys(bundle, keys, 'clearance')
  if (!entity || !redaction || !challenge || !clearance) return undefined
  return {
    bundle,
    set: preparePolicySet(bundle, listContents(bundle.lists, lists)),
    ...matchingOf(bundle),
    entityKey: entity.key,
    encoder: encoderFor(bundle, redaction.key),
    challengeKeys: [challenge, ...olderChallenge],
    clearanceKeys: [clearance, ...olderClearance],
  }
}

/**
 * Prepares a local bundle. It holds no keys: they follow from the secret, the same in every process that has it, or are
 * this process's own.
 */
export function prepareLocalRuleset(content: LocalBundleContent, secret: string | undefined): Ruleset {
  const keyFor = (purpose: SharedKeyPurpose): NamedKey => ({
    keyId: 'local',
    key: secret === undefined ? randomKey() : deriveKey(secret, content.tenant_id, `esper/local-${purpose}/v1`),
  })
  const bundle: Bundle = {
    ...content,
    counting_scope: countingScope(content.trust_level, content.source_id),
    epoch: 0,
    issued_at: content.built_at,
    not_after: Number.MAX_SAFE_INTEGER,
    keys: [],
  }
  return {
    bundle,
    set: preparePolicySet(bundle),
    ...matchingOf(bundle),
    entityKey: keyFor('entity').key,
    encoder: encoderFor(bundle, keyFor('redaction').key),
    challengeKeys: [keyFor('challenge')],
    clearanceKeys: [keyFor('clearance')],
  }
}

function matchingOf({ demand: captured }: Bundle): Pick<Ruleset, 'matches' | 'matchesFirst'> {
  const matches = { captured, atRequest: true, expectsMore: false }
  return { matches, matchesFirst: { ...matches, expectsMore: true } }
}

const versions = new WeakMap<BundleMitigation, string>()

/** `mit` of tokens: the mitigation and what its settings are, so that a change of them ends earlier clearances. */
export function mitigationVersion(mitigation: BundleMitigation): string {
  const known = versions.get(mitigation)
  if (known !== undefined) return known
  const settings = JSON.stringify([mitigation.mode, mitigation.challenge ?? null])
  const version = `${mitigation.mitigation_id}.${sha256(settings, 'hex').slice(0, 12)}`
  versions.set(mitigation, version)
  return version
}

function encoderFor(bundle: Bundle, redactionKey: KeyObject): EventEncoder {
  const { demand, clear_cookies: clearCookies, source_id: sourceId, trust_level: trustLevel } = bundle
  return new EventEncoder({ demand, clearCookies, sourceId, trustLevel, redact: redactWith(redactionKey) })
}

/** The keyed hash a credential is replaced by. */
export function redactWith(key: KeyObject): (value: string) => string {
  return (value) => mac(key, value)
}

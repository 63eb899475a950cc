import { type PolicySet, type PolicySetContent, preparePolicySet } from '@esper/core'
import type { RevisionStore } from '../revisions/store.js'

/** A policy set as it was compiled, and ready to decide. */
export interface LoadedSet {
  readonly content: PolicySetContent
  readonly set: PolicySet
}

/** The set of a revision, or the one in force; `undefined` when there is none. */
export type LoadPolicySet = (tenantId: string, revision: number | 'latest') => Promise<LoadedSet | undefined>

const REMEMBERED = 16

/** Reads policy sets, and remembers the last few. */
export function createPolicySets(revisions: Pick<RevisionStore, 'content' | 'latest'>): LoadPolicySet {
  const remembered = new Map<string, LoadedSet>()
  return async (tenantId, asked) => {
    const revision = asked === 'latest' ? (await revisions.latest(tenantId))?.revision : asked
    if (revision === undefined) return undefined
    const name = `${tenantId}:${revision}`
    const known = remembered.get(name)
    if (known !== undefined) return known
    const stored = await revisions.content(tenantId, revision)
    if (stored === undefined) return undefined
    const content: PolicySetContent = JSON.parse(stored.json)
    const loaded = { content, set: preparePolicySet(content) }
    if (remembered.size >= REMEMBERED) remembered.clear()
    remembered.set(name, loaded)
    return loaded
  }
}

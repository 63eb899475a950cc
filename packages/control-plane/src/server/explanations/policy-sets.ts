import {
  listContents,
  type PolicySet,
  type PolicySetContent,
  type PreparedList,
  prepareList,
  preparePolicySet,
} from '@esper/core'
import { BoundedMap } from '../../support/bounded-map.js'
import type { ListPartStore } from '../lists/part-store.js'
import type { RevisionStore } from '../revisions/store.js'

/** A policy set as it was compiled, and ready to decide. */
export interface LoadedSet {
  readonly content: PolicySetContent
  readonly set: PolicySet
}

/** The set of a revision, or the one in force; `undefined` when there is none. */
export type LoadPolicySet = (tenantId: string, revision: number | 'latest') => Promise<LoadedSet | undefined>

export interface PolicySetsOptions {
  readonly revisions: Pick<RevisionStore, 'content' | 'latest'>
  readonly listParts: Pick<ListPartStore, 'find'>
}

/** Policy sets that are remembered; so many list entries count for one. */
const REMEMBERED = 32
const ENTRIES_A_SET = 10_000

/** Reads policy sets with what is in their lists, and remembers the last few. */
export function createPolicySets({ revisions, listParts }: PolicySetsOptions): LoadPolicySet {
  const remembered = new BoundedMap<LoadedSet>(REMEMBERED)

  /** A list that is gone leaves what reads it without an answer, and that is said. */
  async function contentsOf({ tenant_id: tenantId, lists = [] }: PolicySetContent) {
    const prepared = new Map<string, PreparedList>()
    for (const { sha256 } of lists) {
      const part = await listParts.find(tenantId, sha256)
      const list = part === undefined ? undefined : prepareList(part)
      if (list !== undefined) prepared.set(sha256, list)
    }
    return listContents(lists, prepared)
  }

  return async (tenantId, asked) => {
    const revision = asked === 'latest' ? (await revisions.latest(tenantId))?.revision : asked
    if (revision === undefined) return undefined
    const name = `${tenantId}:${revision}`
    const known = remembered.get(name)
    if (known !== undefined) return known
    const stored = await revisions.content(tenantId, revision)
    if (stored === undefined) return undefined
    const content: PolicySetContent = JSON.parse(stored.json)
    const loaded = { content, set: preparePolicySet(content, await contentsOf(content)) }
    const entries = (content.lists ?? []).reduce((sum, { count }) => sum + count, 0)
    remembered.set(name, loaded, 1 + entries / ENTRIES_A_SET)
    return loaded
  }
}

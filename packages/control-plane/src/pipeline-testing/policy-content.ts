import {
  type BundleEntityDefinition,
  type BundleList,
  type BundleMitigation,
  type BundlePolicy,
  demandOf,
  type Enforcement,
  type ListPartEntry,
  listPart,
  type PolicySetContent,
  type Program,
  sha256Base64Url,
} from '@esper/core'
import { lowerExpression } from '../expressions/index.js'

export interface TestPolicy extends Partial<Omit<BundlePolicy, 'program'>> {
  readonly policy_id: string
  readonly expression: string
}

export interface TestExemption {
  readonly exemption_id: string
  readonly expression: string
  readonly expires_at?: number
}

export interface TestContent {
  readonly tenantId: string
  readonly revision: number
  readonly enforcement?: Enforcement
  readonly policies: readonly TestPolicy[]
  readonly exemptions?: readonly TestExemption[] | undefined
  readonly lists?: TestLists | undefined
}

/** What is in lists, by their names. */
export type TestLists = Readonly<Record<string, readonly ListPartEntry[]>>

/** The parts of these lists, by the hash under which a bundle names them. */
export function partsOf(lists: TestLists = {}): ReadonlyMap<string, string> {
  return new Map(
    Object.values(lists).map((entries) => {
      const part = listPart(entries)
      return [sha256Base64Url(part), part]
    }),
  )
}

function referencesOf(lists: TestLists): readonly BundleList[] {
  return Object.entries(lists).map(([name, entries]) => {
    const part = listPart(entries)
    return { list_id: `lst_${name}`, sha256: sha256Base64Url(part), bytes: part.length, count: entries.length }
  })
}

function programOf(expression: string, lists: TestLists): Program {
  const ids = new Map(Object.keys(lists).map((name) => [name, `lst_${name}`]))
  const lowered = lowerExpression(expression, { lists: ids })
  if (!lowered.ok) throw new Error(lowered.errors.map((error) => error.message).join('; '))
  return lowered.program
}

const ENTITIES: readonly BundleEntityDefinition[] = [
  { entity_definition_id: 'ent_ip', name: 'ip', priority: 1, key_fields: ['client_ip'] },
  { entity_definition_id: 'ent_ua', name: 'agent', priority: 2, key_fields: ['source_id', 'user_agent'] },
]

function mitigation(id: string, more: Partial<BundleMitigation>): BundleMitigation {
  return {
    mitigation_id: id,
    name: id,
    mode: 'Block',
    duration_seconds: 600,
    scope: 'policy',
    fail_mode: 'open',
    ...more,
  }
}

const MITIGATIONS: readonly BundleMitigation[] = [
  mitigation('mit_monitor', { mode: 'Monitor' }),
  mitigation('mit_challenge', { mode: 'Challenge' }),
  mitigation('mit_block', {}),
  mitigation('mit_block_entity', { scope: 'entity' }),
]

/** A policy set with two entity definitions (`ent_ip`, `ent_ua`), a mitigation a mode, and the policies and exemptions given. */
export function policyContent({
  tenantId,
  revision,
  enforcement,
  policies,
  exemptions = [],
  lists = {},
}: TestContent): PolicySetContent {
  const content = {
    format: 1 as const,
    tenant_id: tenantId,
    revision,
    enforcement: enforcement ?? 'on',
    clear_cookies: [],
    actions: [],
    entity_definitions: ENTITIES,
    mitigations: MITIGATIONS,
    policies: policies.map(({ expression, ...policy }, index) => ({
      name: policy.policy_id,
      revision: 1,
      priority: (index + 1) * 10,
      action_ids: [],
      ...policy,
      program: programOf(expression, lists),
    })),
    exemptions: exemptions.map(({ expression, ...exemption }) => ({
      name: exemption.exemption_id,
      ...exemption,
      program: programOf(expression, lists),
    })),
    lists: referencesOf(lists),
  }
  return { ...content, demand: demandOf(content) }
}

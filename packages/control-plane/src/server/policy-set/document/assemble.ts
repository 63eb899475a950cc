import { isDeepStrictEqual } from 'node:util'
import { actionModel } from '../../actions/kind.js'
import type { AuditActor } from '../../audit/schema.js'
import { entityDefinitionModel } from '../../entity-definitions/kind.js'
import { exemptionModel } from '../../exemptions/kind.js'
import type { IdPrefix } from '../../ids.js'
import { listModel } from '../../lists/kind.js'
import { mitigationModel } from '../../mitigations/kind.js'
import type { MitigationCreate, MitigationPatch } from '../../mitigations/schema.js'
import { policyModel } from '../../policies/kind.js'
import type { ResourceModel } from '../../resources/kind.js'
import { applyPatch } from '../../resources/patch.js'
import type { TenantRecordBase } from '../../store/tenant-store.js'
import { Findings } from './findings.js'
import { type CurrentPolicySet, idOf, recordsOf } from './items.js'
import { NOUNS, SECTIONS, type Section } from './references.js'
import type { ExemptionItem, PolicyItem, PolicySetDocument } from './schema.js'

export interface AssembleContext {
  readonly now: Date
  readonly actor: AuditActor
  /** The id of something that is not there yet. */
  readonly newId: (prefix: IdPrefix, name: string) => string
}

/** The tenant's policy set as the document wants it. Ids of what stays by name stay; what cannot be made is found. */
export function assemble(
  current: CurrentPolicySet,
  document: PolicySetDocument,
  context: AssembleContext,
): { readonly wanted: CurrentPolicySet; readonly findings: Findings } {
  const findings = new Findings(new Set(SECTIONS.filter((section) => document[section] !== undefined)))
  const ids = idsByName(current, document, context)
  const make = { findings, ids, context, tenantId: current.tenant.tenant_id }
  const named = (section: Section) => new Resolver(section, ids, findings)
  const policies = named('policies')
  const exemptions = named('exemptions')
  const tenant = applyPatch(current.tenant, document.settings ?? {})
  const at = context.now.toISOString()
  const wanted: CurrentPolicySet = {
    tenant: isDeepStrictEqual(tenant, current.tenant) ? current.tenant : { ...tenant, updated_at: at },
    lists: sectionOf(listModel, { ...make, section: 'lists', before: current.lists, items: document.lists }),
    actions: sectionOf(actionModel, { ...make, section: 'actions', before: current.actions, items: document.actions }),
    entityDefinitions: sectionOf(entityDefinitionModel, {
      ...{ ...make, section: 'entity_definitions', before: current.entityDefinitions },
      items: document.entity_definitions,
      unset: { match_expression: null },
    }),
    mitigations: sectionOf(mitigationModel, {
      ...{ ...make, section: 'mitigations', before: current.mitigations, items: document.mitigations },
      patchOf: mitigationPatch,
    }),
    policies: sectionOf(policyModel, {
      ...{ ...make, section: 'policies', before: current.policies },
      items: document.policies?.map((item, index) => policyInput(item, index, policies)),
      unset: { window: null },
    }),
    exemptions: sectionOf(exemptionModel, {
      ...{ ...make, section: 'exemptions', before: current.exemptions },
      items: document.exemptions?.map((item, index) => exemptionInput(item, index, exemptions)),
      unset: { expression: null, expires_at: null },
    }),
  }
  return { wanted, findings }
}

type IdsByName = ReadonlyMap<Section, ReadonlyMap<string, string>>

const PREFIXES: Readonly<Record<Section, IdPrefix>> = {
  lists: 'lst',
  actions: 'act',
  entity_definitions: 'ent',
  mitigations: 'mit',
  policies: 'pol',
  exemptions: 'exm',
}

/** What may be named once the document is applied. */
function idsByName(current: CurrentPolicySet, document: PolicySetDocument, { newId }: AssembleContext): IdsByName {
  return new Map(
    SECTIONS.map((section) => {
      const before = new Map(recordsOf(current, section).map((record) => [record.name, idOf(section, record)]))
      const names = document[section]?.map(({ name }) => name) ?? [...before.keys()]
      return [section, new Map(names.map((name) => [name, before.get(name) ?? newId(PREFIXES[section], name)]))]
    }),
  )
}

/** Turns the names of one section's items into ids. */
class Resolver {
  readonly #section: Section
  readonly #ids: IdsByName
  readonly #findings: Findings

  constructor(section: Section, ids: IdsByName, findings: Findings) {
    this.#section = section
    this.#ids = ids
    this.#findings = findings
  }

  one(to: Section, name: string | null, place: string): string | null {
    if (name === null) return null
    const id = this.#ids.get(to)?.get(name)
    if (id !== undefined) return id
    const message = `names no ${NOUNS[to]} that is there: "${name}"`
    this.#findings.add('unknown_reference', { path: `${this.#section}.${place}`, code: 'unknown_reference', message })
    return null
  }
}

function policyInput({ actions, entity_definition, mitigation, ...item }: PolicyItem, index: number, names: Resolver) {
  return {
    ...item,
    action_ids: actions.flatMap((name, at) => names.one('actions', name, `${index}.actions.${at}`) ?? []),
    entity_definition_id: names.one('entity_definitions', entity_definition, `${index}.entity_definition`),
    mitigation_id: names.one('mitigations', mitigation, `${index}.mitigation`),
  }
}

function exemptionInput({ list, ...item }: ExemptionItem, index: number, names: Resolver) {
  return { ...item, list_id: names.one('lists', list, `${index}.list`) }
}

interface SectionInput<T, Create, Patch> {
  readonly section: Section
  readonly before: readonly T[]
  /** Undefined leaves the section alone. */
  readonly items: readonly Create[] | undefined
  /** What a field is that the item leaves out. */
  readonly unset?: Patch
  readonly patchOf?: (item: Create) => Patch
  readonly ids: IdsByName
  readonly findings: Findings
  readonly context: AssembleContext
  readonly tenantId: string
}

function sectionOf<T extends TenantRecordBase, Create extends Patch & { readonly name: string }, Patch extends object>(
  model: ResourceModel<T, Create, Patch>,
  input: SectionInput<T, Create, Patch>,
): readonly T[] {
  const { section, before, items, context, findings } = input
  if (items === undefined) return before
  const at = context.now.toISOString()
  return items.flatMap((item, index) => {
    const made = findings.at({ section, index, name: item.name }, () => {
      const old = before.find(({ name }) => name === item.name)
      if (old === undefined) {
        const id = input.ids.get(section)?.get(item.name) ?? ''
        const fresh = { id, tenant_id: input.tenantId, created_at: at, updated_at: at }
        return model.create(item, fresh, context.actor)
      }
      const patched = model.patch(old, input.patchOf?.(item) ?? { ...input.unset, ...item })
      return isDeepStrictEqual(patched, old) ? old : { ...patched, updated_at: at }
    })
    return made === undefined ? [] : [made]
  })
}

/** What belongs to another mode than the one in force is left as it is: the document cannot say anything of it. */
function mitigationPatch({
  response,
  provider,
  level,
  min_level,
  one_time,
  ...item
}: MitigationCreate): MitigationPatch {
  if (item.mode === 'Block') return { ...item, response: response ?? null }
  if (item.mode !== 'Challenge') return item
  return {
    ...item,
    provider: provider ?? null,
    level: level ?? null,
    min_level: min_level ?? null,
    one_time: one_time ?? null,
  }
}

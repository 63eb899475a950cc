import { ANY_LIST, type PolicySetContent, preparePolicySet } from '@esper/core'
import { DomainError } from '../../../http/problem.js'
import { actionModel } from '../../actions/kind.js'
import { entityDefinitionModel } from '../../entity-definitions/kind.js'
import { exemptionModel } from '../../exemptions/kind.js'
import type { ExpressionScope } from '../../expressions/lowered.js'
import { requireFieldPaths } from '../../fields/field-paths.js'
import { policyModel } from '../../policies/kind.js'
import type { ResourceModel } from '../../resources/kind.js'
import type { TenantRecordBase } from '../../store/tenant-store.js'
import { compilePolicySet } from '../compile.js'
import { brokenRules } from '../rules.js'
import type { Findings } from './findings.js'
import { type AnyRecord, type CurrentPolicySet, idOf, recordsOf } from './items.js'
import { NOUNS, REFERENCES, SECTIONS, type Section } from './references.js'

/** Looks at a whole policy set as it would be saved. Returns what SDKs would get when nothing is wrong. */
export function checkPolicySet(wanted: CurrentPolicySet, findings: Findings, now: Date): PolicySetContent | undefined {
  const scope = {
    clearCookies: wanted.tenant.clear_cookies,
    lists: new Map(wanted.lists.map(({ name, list_id }) => [name, list_id])),
  }
  checkSettings(wanted, findings)
  checkEach(wanted, scope, findings)
  for (const section of SECTIONS) checkReferences(wanted, section, findings)
  findings.throwIfAny()
  const content = compilePolicySet(wanted, 1, now)
  const set = preparePolicySet(content, ANY_LIST)
  for (const { policy, error } of brokenRules({ set, resources: wanted, subject: 'policy' })) {
    const place = { section: 'policies', index: wanted.policies.indexOf(policy), name: policy.name } as const
    findings.addRefusal(place, error)
  }
  findings.throwIfAny()
  return content
}

function checkEach(wanted: CurrentPolicySet, scope: ExpressionScope, findings: Findings): void {
  const each = <T extends TenantRecordBase>(section: Section, records: readonly T[], model: Checker<T>) => {
    for (const [index, record] of records.entries()) {
      findings.at({ section, index, name: record.name }, () => model.checkAlone(record, scope))
    }
  }
  each('actions', wanted.actions, actionModel)
  each('entity_definitions', wanted.entityDefinitions, entityDefinitionModel)
  each('policies', wanted.policies, policyModel)
  each('exemptions', wanted.exemptions, exemptionModel)
}

type Checker<T extends TenantRecordBase> = Pick<ResourceModel<T, never, never>, 'checkAlone'>

function checkSettings({ tenant }: CurrentPolicySet, findings: Findings): void {
  try {
    requireFieldPaths(tenant.watch_fields, 'settings.watch_fields')
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    for (const one of error.errors ?? []) findings.add(error.code, one)
  }
}

/** What an item refers to is there; and enabled, where the item is. */
function checkReferences(wanted: CurrentPolicySet, section: Section, findings: Findings): void {
  for (const { idField, field, to } of REFERENCES[section]) {
    const known = new Map(recordsOf(wanted, to).map((record) => [idOf(to, record), record]))
    recordsOf(wanted, section).forEach((record, index) => {
      const value: unknown = Reflect.get(record, idField)
      const ids: readonly unknown[] = Array.isArray(value) ? value : value === null ? [] : [value]
      ids.forEach((id, at) => {
        const problem = referenceProblem(record, { noun: NOUNS[to], found: known.get(String(id)) })
        if (problem === undefined) return
        const path = `${field}${Array.isArray(value) ? `.${at}` : ''}`
        findings.addAt({ section, index, name: record.name }, problem.code, { ...problem, path })
      })
    })
  }
}

interface Referred {
  readonly noun: string
  readonly found: AnyRecord | undefined
}

function referenceProblem({ enabled }: AnyRecord, { noun, found }: Referred) {
  if (found === undefined) {
    const message = `needs a ${noun} that would be deleted`
    return { code: 'unknown_reference', message } as const
  }
  if (!enabled || found.enabled) return undefined
  const message = `names the ${noun} "${found.name}", which is disabled; enable it, or disable this as well`
  return { code: 'disabled_reference', message } as const
}

import {
  type BundleMitigation,
  demandOf,
  type Enforcement,
  type FieldDemand,
  type Fields,
  type FieldValue,
  type HeldPolicy,
  type MitigationMode,
  type MitigationScope,
  NO_DEMAND,
  type PolicySetContent,
  type PolicyWindow,
  type Program,
} from '@esper/core'
import { readVectors } from './read-vectors.js'

/** Who runs a case. */
export type VectorRunner = 'core' | 'sdk' | 'engine'

export interface VectorEvent {
  /** Seconds. */
  readonly at: number
  readonly fields?: Readonly<Record<string, FieldValue>>
  readonly says?: readonly string[]
  readonly happens?: string
  readonly actions?: readonly string[]
  readonly exempt?: string
  readonly cleared?: readonly string[]
  readonly captured?: Partial<FieldDemand>
  readonly not_captured?: readonly string[]
}

interface VectorPolicy {
  readonly policy_id: string
  readonly when: string
  readonly does?: string
  readonly seconds?: number
  readonly priority?: number
  readonly entity?: string
  readonly actions?: readonly string[]
  readonly window?: PolicyWindow
}

/** A mitigation of the broker. */
export interface VectorMitigation {
  readonly policy_id: string
  /** Key fields with their values; null for the whole policy. */
  readonly entity: readonly (readonly [string, FieldValue])[] | null
  readonly from: number
  readonly until: number
  readonly ended?: number
  readonly not_before?: number
}

export interface VectorCase {
  readonly name: string
  readonly policies: readonly VectorPolicy[]
  readonly exemptions?: readonly { readonly exemption_id: string; readonly when: string; readonly expires?: number }[]
  readonly events: readonly VectorEvent[]
  readonly held?: readonly VectorMitigation[]
  readonly enforcement?: Enforcement
  readonly where?: readonly VectorRunner[]
  /** Whether it is decided before the response is known. */
  readonly at_request?: boolean
}

export interface DecisionVectors {
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly actions: readonly { readonly name: string; readonly when: string }[]
  readonly entities: readonly { readonly id: string; readonly key_fields: readonly string[]; readonly when?: string }[]
  /** The lowered form of every expression. */
  readonly programs: Readonly<Record<string, Program['root']>>
  readonly parts: readonly { readonly part: string; readonly rule: string; readonly cases: readonly VectorCase[] }[]
}

/** When the seconds of the cases begin: at a whole day, and so at a whole sub-bucket of every window. */
const BEGIN_MS = 1_700_006_400_000
const DURATION_SECONDS = 600

/** A time of a case in epoch milliseconds. */
export function vectorTime(seconds: number): number {
  return BEGIN_MS + Math.round(seconds * 1_000)
}

/** Every decision case with what it needs of the file around it. */
export class DecisionVectorFile {
  readonly vectors = readVectors<DecisionVectors>('policy/decisions')

  /** The parts, with the cases that this runner can decide. */
  partsFor(runner: VectorRunner): DecisionVectors['parts'] {
    return this.vectors.parts
      .map((part) => ({ ...part, cases: part.cases.filter(({ where }) => where?.includes(runner) ?? true) }))
      .filter(({ cases }) => cases.length > 0)
  }

  /** An event's record. */
  fieldsOf(event: VectorEvent): Fields {
    const fields = { ...this.vectors.fields, observed_at: vectorTime(event.at), ...event.fields }
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
  }

  /** A case's policies with all they refer to. */
  contentOf({ policies, exemptions = [], enforcement = 'on' }: VectorCase): PolicySetContent {
    const { actions, entities } = this.vectors
    const base = {
      actions: actions.map(({ name, when }) => ({ action_id: name, name, program: this.#program(when) })),
      entity_definitions: entities.map(({ id, key_fields, when }) => ({
        ...{ entity_definition_id: id, name: id, priority: 1, key_fields },
        ...(when === undefined ? {} : { match_program: this.#program(when) }),
      })),
      policies: policies.map((policy) => this.#policy(policy)),
      exemptions: exemptions.map(({ exemption_id, when, expires }) => ({
        ...{ exemption_id, name: exemption_id, program: this.#program(when) },
        ...(expires === undefined ? {} : { expires_at: vectorTime(expires) }),
      })),
    }
    return {
      ...{ format: 1, tenant_id: 'ten_a', revision: 1, enforcement, clear_cookies: [] },
      mitigations: policies.flatMap(mitigationOf),
      demand: demandOf(base),
      ...base,
    }
  }

  #policy({ policy_id, when, does, priority = 1, entity, actions = [], window }: VectorPolicy) {
    return {
      ...{ policy_id, name: policy_id, revision: 1, priority, program: this.#program(when), action_ids: actions },
      ...(does === undefined ? {} : { mitigation_id: policy_id }),
      ...(entity === undefined ? {} : { entity_definition_id: entity }),
      ...(window === undefined ? {} : { window }),
    }
  }

  #program(source: string): Program {
    const root = this.vectors.programs[source]
    if (root === undefined) throw new Error(`There is no program of ${source}`)
    return { version: 1, root }
  }
}

function mitigationOf({ policy_id, does, seconds = DURATION_SECONDS }: VectorPolicy): readonly BundleMitigation[] {
  if (does === undefined) return []
  const [mode = '', scope = 'policy'] = does.split(' ')
  if (!isMode(mode) || !isScope(scope)) throw new Error(`${does} is no mitigation`)
  return [
    {
      ...{ mitigation_id: policy_id, name: policy_id, mode, scope, duration_seconds: seconds, fail_mode: 'open' },
      ...(mode === 'Challenge' ? { challenge: { provider: 'pow', level: 1, min_level: 1, one_time: false } } : {}),
    },
  ]
}

function isMode(mode: string): mode is MitigationMode {
  return mode === 'Monitor' || mode === 'Challenge' || mode === 'Block'
}

function isScope(scope: string): scope is MitigationScope {
  return scope === 'policy' || scope === 'entity'
}

/** What an event was captured with, where it does not say. */
export function capturedIn({ captured }: VectorEvent): FieldDemand | undefined {
  return captured === undefined ? undefined : { ...NO_DEMAND, ...captured }
}

/** A held policy, or a decision on it. */
interface Said extends Pick<HeldPolicy, 'outcome' | 'cleared' | 'shadowed'> {
  readonly origin: string
  readonly n?: number | undefined
}

/** What is said of a held policy, as cases say it. */
export function saidOf({ outcome, origin, n, cleared, shadowed }: Said, policyId: string): string {
  const more = [n === undefined ? '' : `n${n}`, cleared ? 'cleared' : '', shadowed ? 'shadowed' : '']
  return [policyId, outcome, origin, ...more].filter((word) => word !== '').join(' ')
}

import type { PolicyRecord } from '../../api/types.js'
import { sendNumber } from '../../parts/numbers.js'

/** The policy form as typed. */
export interface PolicyValues {
  readonly name: string
  readonly description: string
  readonly enabled: boolean
  readonly priority: string
  readonly expression: string
  readonly action_ids: readonly string[]
  readonly entity_definition_id: string
  readonly mitigation_id: string
  readonly windowed: boolean
  readonly seconds: string
  readonly threshold: string
  readonly distinct: readonly string[]
}

const DEFAULT_PRIORITY = 100

export function policyValues(record: PolicyRecord | undefined): PolicyValues {
  const window = record?.window
  return {
    name: record?.name ?? '',
    description: record?.description ?? '',
    enabled: record?.enabled ?? true,
    priority: String(record?.priority ?? DEFAULT_PRIORITY),
    expression: record?.expression ?? 'true',
    action_ids: record?.action_ids ?? [],
    entity_definition_id: record?.entity_definition_id ?? '',
    mitigation_id: record?.mitigation_id ?? '',
    windowed: window !== null && window !== undefined,
    seconds: String(window?.seconds ?? 60),
    threshold: String(window?.threshold ?? 5),
    distinct: window?.distinct === undefined ? [] : [window.distinct],
  }
}

export function policyBody(values: PolicyValues): Readonly<Record<string, unknown>> {
  const { name, description, enabled, expression, action_ids } = values
  return {
    name,
    description,
    enabled,
    expression,
    action_ids,
    priority: sendNumber(values.priority),
    entity_definition_id: values.entity_definition_id === '' ? null : values.entity_definition_id,
    mitigation_id: values.mitigation_id === '' ? null : values.mitigation_id,
    window: values.windowed
      ? { seconds: sendNumber(values.seconds), threshold: sendNumber(values.threshold), distinct: values.distinct[0] }
      : null,
  }
}

/** What is tried of a policy that is being written: whom it counts and how often is known only once it is saved. */
export function triedPolicy({ action_ids, entity_definition_id }: PolicyValues) {
  return {
    action_ids: [...action_ids],
    ...(entity_definition_id === '' ? {} : { entity_definition_id }),
  }
}

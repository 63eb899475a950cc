import type { FailMode, MitigationMode, MitigationRecord, MitigationScope } from '../../api/types.js'
import { sendNumber } from '../../parts/numbers.js'

/** The mitigation form as typed. */
export interface MitigationValues {
  readonly name: string
  readonly description: string
  readonly enabled: boolean
  readonly mode: MitigationMode
  readonly duration_seconds: string
  readonly scope: MitigationScope
  readonly fail_mode: FailMode
  readonly status: '403' | '429'
  readonly retry_after: string
  readonly body: string
  readonly contact_url: string
  readonly level: string
  readonly min_level: string
  readonly one_time: boolean
}

const DEFAULT_DURATION_SECONDS = 300

/** The form for a stored mitigation, or for a new one, which begins in Monitor. */
export function mitigationValues(record: MitigationRecord | undefined): MitigationValues {
  const response = record?.response
  return {
    name: record?.name ?? '',
    description: record?.description ?? '',
    enabled: record?.enabled ?? true,
    mode: record?.mode ?? 'Monitor',
    duration_seconds: String(record?.duration_seconds ?? DEFAULT_DURATION_SECONDS),
    scope: record?.scope ?? 'policy',
    fail_mode: record?.fail_mode ?? 'open',
    status: response?.status === 429 ? '429' : '403',
    retry_after: String(response?.retry_after ?? 'auto'),
    body: response?.body ?? '',
    contact_url: response?.contact_url ?? '',
    level: String(record?.level ?? 2),
    min_level: String(record?.min_level ?? 1),
    one_time: record?.one_time ?? false,
  }
}

function unlessEmpty(text: string): string | undefined {
  return text.trim() === '' ? undefined : text.trim()
}

/** What is sent: the settings of the chosen mode only. */
export function mitigationBody(values: MitigationValues): Readonly<Record<string, unknown>> {
  const { name, description, enabled, mode, scope, fail_mode } = values
  const retryAfter = values.retry_after.trim()
  return {
    name,
    description,
    enabled,
    mode,
    scope,
    fail_mode,
    duration_seconds: sendNumber(values.duration_seconds),
    response:
      mode === 'Block'
        ? {
            status: Number(values.status),
            retry_after: retryAfter === 'auto' ? 'auto' : sendNumber(retryAfter),
            body: unlessEmpty(values.body),
            contact_url: unlessEmpty(values.contact_url),
          }
        : null,
    ...(mode === 'Challenge'
      ? {
          provider: 'pow',
          level: Number(values.level),
          min_level: Number(values.min_level),
          one_time: values.one_time,
        }
      : { provider: null, level: null, min_level: null, one_time: null }),
  }
}

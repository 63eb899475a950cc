import type { ChallengeSettings } from '@esper/core'
import type { MitigationRecord } from './schema.js'

/** What a Challenge asks for, with the plain setting where none was chosen. */
export function challengeSettings(
  record: Pick<MitigationRecord, 'provider' | 'level' | 'min_level' | 'one_time'>,
): ChallengeSettings {
  return {
    provider: record.provider ?? 'pow',
    level: record.level ?? 2,
    min_level: record.min_level ?? 1,
    one_time: record.one_time ?? false,
  }
}

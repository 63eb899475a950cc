import { describe, expect, it } from 'vitest'
import { mitigationBody, mitigationValues } from './mitigation-values.js'
import { policyBody, policyValues } from './policy-values.js'
import { windowSentence } from './window-sentence.js'

describe('windowSentence', () => {
  it('reads a window back as a sentence', () => {
    expect(windowSentence({ seconds: 60, threshold: 5 }, 'ip-user-agent')).toBe(
      'at least 5 in 60 seconds, per ip-user-agent',
    )
    expect(windowSentence({ seconds: 600, threshold: 3, distinct: 'body.user.email' }, undefined)).toBe(
      'at least 3 different body.user.email in 10 minutes, over all requests it matches',
    )
  })
})

describe('what the forms send', () => {
  it('sends numbers as numbers and anything else as typed, for the API to refuse', () => {
    const values = { ...policyValues(undefined), windowed: true, threshold: 'many', seconds: ' 60 ' }
    expect(policyBody(values).window).toEqual({ seconds: 60, threshold: 'many', distinct: undefined })
  })

  it('clears what a policy no longer has', () => {
    expect(policyBody(policyValues(undefined))).toMatchObject({
      entity_definition_id: null,
      mitigation_id: null,
      window: null,
    })
  })

  it('sends only the settings of the chosen mode', () => {
    const values = mitigationValues(undefined)
    expect(mitigationBody(values)).toMatchObject({ mode: 'Monitor', response: null, level: null })
    expect(mitigationBody({ ...values, mode: 'Block', status: '429' })).toMatchObject({
      response: { status: 429, retry_after: 'auto' },
      level: null,
    })
    expect(mitigationBody({ ...values, mode: 'Challenge' })).toMatchObject({
      response: null,
      ...{ provider: 'pow', level: 2, min_level: 1, one_time: false },
    })
  })
})

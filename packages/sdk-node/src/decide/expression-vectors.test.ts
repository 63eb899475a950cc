import { policyIdAt, policySetOf, policyVectors } from '@esper/testkit/vectors'
import { expect, it } from 'vitest'
import { derivePurposeKeys } from '../platform/crypto.js'
import { bundle, sharedKeys } from '../test/bundle-fixture.js'
import { ClearanceDesk } from './clearance.js'
import { Decider } from './decider.js'
import { prepareRuleset } from './ruleset.js'

const KEYS = derivePurposeKeys('s'.repeat(32), 'key_a')
const VISITOR = { address: '198.51.100.7', userAgent: 'test', tokens: [] }

it('policies hold in the SDK for the records for which their expressions hold', () => {
  const vectors = policyVectors()
  const ruleset = prepareRuleset(bundle(KEYS, sharedKeys(), policySetOf(vectors)), KEYS)
  if (ruleset === undefined) throw new Error('the bundle holds every key')
  const decider = new Decider({ maxMitigations: 100, maxEntities: 1_000, clearances: new ClearanceDesk() })
  decider.follow(ruleset, 1_000)
  const context = { ruleset, at: 1_000, monitor: false, enforces: 'all' as const, visitor: VISITOR }
  for (const [place, { expression, answers }] of vectors.entries()) {
    for (const { record, holds } of answers) {
      const { held } = decider.rule(record, context).verdict
      const isHeld = held.some(({ policy }) => policy.policy.policy_id === policyIdAt(place))
      // What only the response tells is left to the engine.
      const isLate = expression.includes('response_')
      expect([expression, record, isHeld]).toEqual([expression, record, holds && !isLate])
    }
  }
})

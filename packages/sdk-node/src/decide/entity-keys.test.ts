import { entityKeyVectors } from '@esper/testkit/vectors'
import { expect, it } from 'vitest'
import { derivePurposeKeys } from '../platform/crypto.js'
import { bundle, sharedKeys } from '../test/bundle-fixture.js'
import { ClearanceDesk } from './clearance.js'
import { Decider } from './decider.js'
import { prepareRuleset } from './ruleset.js'

it('gives entities the keys that everybody gives them', () => {
  const { secret, keys } = entityKeyVectors()
  const purposes = derivePurposeKeys('s'.repeat(32), 'key_a')
  const ruleset = prepareRuleset(bundle(purposes, { ...sharedKeys(), entity: secret }), purposes)
  if (ruleset === undefined) throw new Error('the bundle holds every key')
  const decider = new Decider({ maxMitigations: 10, maxEntities: 1_000, clearances: new ClearanceDesk() })
  decider.follow(ruleset, 0)
  for (const { text, key } of keys) {
    const tuple = text === null ? undefined : { definitionId: 'e', pairs: [], text }
    // Computed, then remembered.
    expect([decider.keyOf(ruleset, tuple), decider.keyOf(ruleset, tuple)]).toEqual([key, key])
  }
})

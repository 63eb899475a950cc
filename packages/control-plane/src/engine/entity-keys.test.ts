import { entityKeyVectors } from '@esper/testkit/vectors'
import { expect, test } from 'vitest'
import { ScopeContext } from './claim-events.js'

test('the engine gives entities the keys that everybody gives them', () => {
  const { secret, keys } = entityKeyVectors()
  const context = new ScopeContext('tenant', { entity: secret, redaction: Buffer.alloc(32) })
  for (const { text, key } of keys) {
    const tuple = text === null ? undefined : { definitionId: 'e', pairs: [], text }
    expect([context.keyOf(tuple), context.keyOf(tuple)]).toEqual([key, key])
  }
})

import { expect } from 'vitest'
import { policy } from '../../test/bundle-fixture.js'
import type { AdapterCase } from './adapter-case.js'

const DENY = [policy('deny', '/denied', { mitigation_id: 'mit_block' })]

/** Esper held back, by this process or by the tenant, and taken out. */
export const MODE_CASES: readonly AdapterCase[] = [
  {
    name: 'does nothing to anybody in Monitor mode, and records what it would have done',
    options: { mode: 'monitor' },
    async run(site) {
      await site.rules(DENY)
      const answer = await site.ask('/denied')
      const { decision } = site.said(answer)
      expect(decision).toMatchObject({ outcome: 'block', enforced: false, unenforced: 'monitor' })
      expect((await site.eventOf(answer)).decision).toMatchObject({ outcome: 'block', enforced: false })
    },
  },
  {
    name: 'does nothing to anybody when the tenant only monitors',
    async run(site) {
      await site.rules(DENY, { enforcement: 'monitor' })
      const { decision } = site.said(await site.ask('/denied'))
      expect(decision).toMatchObject({ outcome: 'block', enforced: false, unenforced: 'tenant_monitor' })
    },
  },
  {
    name: 'is not there when it is disabled',
    options: { disabled: true },
    async run(site) {
      const { decision } = site.said(await site.ask('/denied'))
      expect(decision).toMatchObject({ outcome: 'pass', enforced: false, bundle: 'disabled' })
      const known = site.said(await site.ask('/known?user=1'))
      expect(known.decision).toMatchObject({ outcome: 'pass', bundle: 'disabled' })
    },
  },
]

import { afterAll, describe, it, vi } from 'vitest'
import type { EsperStatus } from '../../index.js'
import { policy, program } from '../bundle-fixture.js'
import type { Harness } from '../harness.js'
import { type Failure, liveThrough, printComparisons } from './scenario.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
afterAll(printComparisons)

const keepsTheGoodOne =
  (reason: string) =>
  ({ bundle }: EsperStatus) =>
    bundle.refused > 0 && bundle.lastRefusal === reason && bundle.revision === 1 && bundle.state === 'fresh'

/** A bundle that is refused; then a good one of the next revision. */
function refused(name: string, reason: string, change: (harness: Harness) => void): Failure {
  return {
    name,
    when: 'when_ready',
    breaks: (harness) => {
      change(harness)
      harness.controlPlane.send('bundle', { revision: 2 })
    },
    names: new RegExp(`bundle was refused.*${reason}`),
    counted: keepsTheGoodOne(reason),
    mends: ({ controlPlane }) => {
      controlPlane.tamper = (headers, body) => ({ headers, body })
      const [tenant_id, source_id] = ['ten_a', 'web']
      controlPlane.publish({ tenant_id, source_id, epoch: 1, revision: 3, policies: [] })
    },
    recovered: ({ bundle, sync }) => bundle.revision === 3 && sync.mode === 'stream',
  }
}

const becomes = (more: object) => (harness: Harness) => {
  harness.controlPlane.bundle = { ...harness.controlPlane.bundle, revision: 2, ...more }
}

describe('an application lives through a bundle that', () => {
  it('has an invalid signature', () =>
    liveThrough(
      refused('bundle: bad signature', 'signature:bad-signature', (harness) => {
        becomes({})(harness)
        harness.controlPlane.tamper = (headers, body) => ({
          headers: { ...headers, signature: `esper=:${'A'.repeat(43)}=:` },
          body,
        })
      }),
    ))

  it('is of another tenant', () =>
    liveThrough(refused('bundle: other tenant', 'other_tenant', becomes({ tenant_id: 'ten_b' }))))

  it('is older', () => liveThrough(refused('bundle: older', 'older_epoch', becomes({ epoch: 0 }))))

  it('is 20 MB large', () =>
    liveThrough({
      ...refused('bundle: 20 MB', 'too_large', (harness) => {
        becomes({})(harness)
        harness.controlPlane.tamper = (headers, body) => ({ headers, body: body + ' '.repeat(20_000_000) })
      }),
      names: /answer_too_large/,
      counted: ({ bundle }) => bundle.revision === 1 && bundle.state === 'fresh',
    }))

  it('has an instruction that this version does not know', () =>
    liveThrough({
      name: 'bundle: unknown instruction',
      when: 'when_ready',
      breaks: (harness) => {
        const unknown = policy('later', '/x', { program: program(JSON.parse('["teleport"]')) })
        harness.controlPlane.publish({ policies: [unknown] })
      },
      names: /cannot use a part of the bundle.*pol_later/,
      counted: ({ bundle }) => bundle.revision === 2 && bundle.problems.length === 1,
      mends: (harness) => harness.controlPlane.publish({ policies: [] }),
      recovered: ({ bundle }) => bundle.revision === 3 && bundle.problems.length === 0,
    }))
})

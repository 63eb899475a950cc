import { afterAll, describe, it, vi } from 'vitest'
import { liveThrough, printComparisons } from './scenario.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
afterAll(printComparisons)

const MINUTES = 60_000

describe('an application lives through a clock that', () => {
  it.each([
    ['is 10 minutes slow', 10 * MINUTES],
    ['is 10 minutes fast', -10 * MINUTES],
  ])('%s', (name, offsetMs) =>
    liveThrough({
      name: `clock ${name}`,
      when: 'before_start',
      breaks: ({ controlPlane }) => {
        controlPlane.clockOffsetMs = offsetMs
        const issued = Date.now() + offsetMs
        controlPlane.bundle = { ...controlPlane.bundle, issued_at: issued, not_after: issued + 60 * MINUTES }
      },
      names: /clock/,
      counted: ({ sync, delivery }) =>
        Math.abs(sync.clockOffsetMs - offsetMs) < 5_000 && sync.mode === 'stream' && delivery.state === 'sending',
      // Nothing has to be mended: the server's time is followed.
      mends: () => undefined,
    }),
  )
})

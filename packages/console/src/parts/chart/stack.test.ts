import { describe, expect, it } from 'vitest'
import { stack, unstack } from './stack.js'

const minute = (at: string, observe: number, challenge: number, block: number) => ({
  at,
  events: observe + challenge + block,
  observe,
  challenge,
  block,
})

describe('stack', () => {
  const series = {
    step_seconds: 60,
    from: '2026-11-22T10:00:30.000Z',
    to: '2026-11-22T10:03:10.000Z',
    items: [minute('2026-11-22T10:01:00.000Z', 5, 3, 2), minute('2026-11-22T10:03:00.000Z', 1, 0, 0)],
  }

  it('fills steps without decisions, so that time runs evenly', () => {
    const [times, tops] = stack(series)
    expect(times.map((time) => new Date(time * 1000).toISOString().slice(11, 19))).toEqual([
      '10:00:30',
      '10:01:30',
      '10:02:30',
      '10:03:30',
    ])
    expect(tops).toEqual([0, 10, 0, 1])
  })

  it('gives back what each column holds', () => {
    expect(unstack(stack(series), 1)).toEqual({ observe: 5, challenge: 3, block: 2 })
  })
})

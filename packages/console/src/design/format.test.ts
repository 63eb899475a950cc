import { describe, expect, it } from 'vitest'
import { formatDuration, formatRelative, formatShare, plural } from './format.js'

describe('formats', () => {
  it.each([
    [0, 'now'],
    [4_000, '4 s ago'],
    [119_000, '1 min ago'],
    [7_200_000, '2 h ago'],
    [3 * 86_400_000, '3 d ago'],
    [-300_000, 'in 5 min'],
  ])('says %d ms as %s', (ageMs, text) => {
    expect(formatRelative(1_000_000_000_000 - ageMs, 1_000_000_000_000)).toBe(text)
  })

  it('keeps a minute in seconds and names what is longer and whole', () => {
    expect([1, 60, 90, 300, 7200, 172_800].map(formatDuration)).toEqual([
      '1 second',
      '60 seconds',
      '90 seconds',
      '5 minutes',
      '2 hours',
      '2 days',
    ])
  })

  it('divides by nothing without a fuss', () => {
    expect(formatShare(1, 0)).toBe('0 %')
    expect(formatShare(148, 1000)).toBe('14.8 %')
  })

  it('counts one and many', () => {
    expect([plural(1, 'policy', 'policies'), plural(1200, 'policy', 'policies')]).toEqual([
      '1 policy',
      '1,200 policies',
    ])
  })
})

import type { CountingScope, MitigationDelta, MitigationPage } from '@esper/core'
import { settle } from '@esper/testkit'
import { describe, expect, test } from 'vitest'
import { DeltaFollower } from './delta-follower.js'

function delta(sequence: number, scope: CountingScope = 'tenant'): MitigationDelta {
  const removal = { active_mitigation_id: 'a', policy_id: 'p', counting_scope: scope, entity_key: 'e', sequence }
  return { kind: 'remove', removal }
}

interface Broker {
  stored: number[]
  pages: number
  answer: ((page: MitigationPage) => Promise<MitigationPage>) | undefined
}

function followed(since: number) {
  const broker: Broker = { stored: [], pages: 0, answer: undefined }
  const sent: number[] = []
  const state = { lost: 0 }
  const follower = new DeltaFollower({
    scope: 'tenant',
    since,
    page: async (after) => {
      broker.pages += 1
      const deltas = broker.stored.filter((sequence) => sequence > after).map((sequence) => delta(sequence))
      const page = { deltas, cursor: Math.max(after, ...broker.stored), full: after === 0 }
      return broker.answer === undefined ? page : await broker.answer(page)
    },
    send: (_delta, sequence) => void sent.push(sequence),
    onLost: () => {
      state.lost += 1
    },
  })
  return { broker, sent, state, follower }
}

describe('pages and live changes', () => {
  test('make one rising sequence, whatever arrives while a page is read', async () => {
    const { broker, sent, follower } = followed(2)
    broker.stored = [1, 2, 3, 4]
    broker.answer = async (page) => {
      follower.onDelta(delta(4))
      follower.onDelta(delta(5))
      return page
    }
    const first = follower.catchUp()
    await first
    follower.onDelta(delta(6))
    follower.onDelta(delta(6))
    expect(sent).toEqual([3, 4, 5, 6])
  })

  test('of another counting scope are not sent', async () => {
    const { sent, follower } = followed(0)
    await follower.catchUp()
    follower.onDelta(delta(1, 'source:partner'))
    follower.onDelta(delta(2))
    expect(sent).toEqual([2])
  })

  test('missed in a gap are read from where the stream was', async () => {
    const { broker, sent, follower } = followed(0)
    broker.stored = [1]
    await follower.catchUp()
    broker.stored = [1, 2, 3]
    follower.onGap()
    follower.onDelta(delta(4))
    await settle()
    await settle()
    expect(sent).toEqual([1, 2, 3, 4])
  })

  test('that cannot be read end the stream', async () => {
    const { broker, state, follower } = followed(0)
    await follower.catchUp()
    broker.answer = () => Promise.reject(new Error('down'))
    follower.onGap()
    await settle()
    await settle()
    expect(state.lost).toBe(1)
  })

  test('after a restore begin again with the full state', async () => {
    const { broker, sent, follower } = followed(1_000)
    broker.stored = [1, 2]
    broker.answer = async (page) =>
      broker.pages === 1 ? { deltas: [delta(1), delta(2)], cursor: 2, full: true } : page
    await follower.catchUp()
    follower.onDelta(delta(3))
    expect(sent).toEqual([1, 2, 3])
  })
})

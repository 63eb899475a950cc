import { useDatabase } from '@esper/testkit'
import { Schema, trusted } from 'mongoose'
import { beforeAll, expect, test } from 'vitest'
import { ensureCollections } from './connection.js'
import { isDuplicateKey, withTransaction } from './transaction.js'

const database = useDatabase()

interface Counter {
  readonly _id: string
  readonly count: number
}

const counters = database
  .connection()
  .model<Counter>('Counter', new Schema({ _id: String, count: Number }, { versionKey: false }), 'counters')

beforeAll(() => ensureCollections(database.connection()))

test('competing transactions all take effect exactly once', async () => {
  await counters.create({ _id: 'shared', count: 0 })
  let attempts = 0
  const increments = Array.from({ length: 12 }, () =>
    withTransaction(database.connection(), async (session) => {
      attempts += 1
      const before = await counters.findById('shared').session(session).lean()
      await counters.updateOne({ _id: 'shared' }, { $set: { count: (before?.count ?? 0) + 1 } }).session(session)
    }),
  )
  await Promise.all(increments)
  expect(await counters.findById('shared').lean()).toMatchObject({ count: 12 })
  expect(attempts).toBeGreaterThanOrEqual(12)
})

test('what a failed transaction wrote is gone, and its error comes through', async () => {
  const failing = withTransaction(database.connection(), async (session) => {
    await counters.create([{ _id: 'never', count: 1 }], { session })
    throw new Error('second thoughts')
  })
  await expect(failing).rejects.toThrow('second thoughts')
  expect(await counters.findById('never').lean()).toBeNull()
})

test('a duplicate key is recognised and not retried', async () => {
  await counters.create({ _id: 'twice', count: 1 })
  let attempts = 0
  const again = withTransaction(database.connection(), async (session) => {
    attempts += 1
    await counters.create([{ _id: 'twice', count: 2 }], { session })
  })
  await expect(again).rejects.toSatisfy(isDuplicateKey)
  expect(attempts).toBe(1)
})

test('operators in a filter are values unless the code says otherwise', async () => {
  const fromOutside: Record<string, unknown> = { _id: { $ne: null } }
  await expect(counters.find(fromOutside).lean()).rejects.toThrow(/Cast to string failed/)
  expect(await counters.find({ count: trusted({ $gte: 12 }) }).lean()).toHaveLength(1)
})

import { setTimeout as delay } from 'node:timers/promises'
import type { ClientSession, Connection } from 'mongoose'

export interface TransactionOptions {
  /** Time after which a transaction that keeps conflicting gives up. */
  readonly timeoutMs?: number
  /** 0 to below 1; spreads the retries of competing writers. */
  readonly random?: () => number
  /** Whether an error other than a transient one is worth another try, such as a unique key that another writer just took. */
  readonly alsoRetry?: (error: unknown) => boolean
  /** Called before each try but the first. */
  readonly onRetry?: () => void
}

const FIRST_WAIT_MS = 5
const LONGEST_WAIT_MS = 200

/**
 * Runs `work` in a transaction, again from its beginning on a write conflict, with growing, jittered waits.
 * `work` must do all its reads and writes with the session and nothing that cannot be repeated.
 */
export async function withTransaction<T>(
  connection: Connection,
  work: (session: ClientSession) => Promise<T>,
  { timeoutMs = 30_000, random = Math.random, alsoRetry = () => false, onRetry }: TransactionOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await attemptOnce(connection, work, deadline)
    } catch (error) {
      const again = hasLabel(error, 'TransientTransactionError') || alsoRetry(error)
      if (!again || performance.now() >= deadline) throw error
    }
    onRetry?.()
    await delay(random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt))
  }
}

async function attemptOnce<T>(
  connection: Connection,
  work: (session: ClientSession) => Promise<T>,
  deadline: number,
): Promise<T> {
  const session = await connection.startSession()
  try {
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', j: true } })
    const result = await work(session)
    await commit(session, deadline)
    return result
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined)
    throw error
  } finally {
    await session.endSession()
  }
}

/** A commit whose answer got lost is asked again: the server remembers how it ended. */
async function commit(session: ClientSession, deadline: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction()
      return
    } catch (error) {
      if (!hasLabel(error, 'UnknownTransactionCommitResult') || performance.now() >= deadline) throw error
    }
  }
}

/** Whether the error says that a unique index refused a write. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11_000
}

function hasLabel(error: unknown, label: string): boolean {
  if (typeof error !== 'object' || error === null || !('hasErrorLabel' in error)) return false
  return typeof error.hasErrorLabel === 'function' && error.hasErrorLabel(label) === true
}

import { isDuplicateKey, withTransaction } from '../../database/transaction.js'
import type { ClientSession, Connection } from '../../database/types.js'
import { DomainError } from '../../http/problem.js'
import type { AuditDraft, AuditStore } from '../audit/store.js'
import { newId } from '../ids.js'
import type { Caller } from '../routing/route.js'

/** One change, as the audit log tells it. */
export interface Told {
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly before: object | null
  readonly after: object | null
}

/** A change under way: everything it does, it does with this session, or not at all. */
export interface Change {
  readonly tenantId: string
  readonly session: ClientSession
  readonly now: Date
  /** Adds an entry to the audit log; returns its id. */
  tell(entry: Told): string
  /** Runs once the transaction has been committed; never when it was not. */
  onCommitted(effect: () => void): void
}

export interface ChangeRequest<T> {
  readonly tenantId: string
  readonly caller: Pick<Caller, 'actor' | 'ip'>
  readonly work: (change: Change) => Promise<T>
}

export type RunChange = <T>(request: ChangeRequest<T>) => Promise<T>

export interface ChangesOptions {
  readonly connection: Connection
  readonly audit: AuditStore
  readonly now: () => number
}

/**
 * Resource, audit entries and revision in one transaction. Taking the tenant's audit chain first makes changes of one
 * tenant follow each other, so that two of them cannot each be right and wrong together.
 */
export function createChanges({ connection, audit, now }: ChangesOptions): RunChange {
  return async ({ tenantId, caller, work }) => {
    try {
      const { result, effects } = await withTransaction(connection, async (session) => {
        const head = await audit.lock(tenantId, session)
        const drafts: AuditDraft[] = []
        const effects: (() => void)[] = []
        const at = new Date(now())
        const change: Change = {
          tenantId,
          session,
          now: at,
          tell: (entry) => {
            const audit_id = newId('aud')
            drafts.push({ ...entry, audit_id, at, actor: caller.actor, ip: caller.ip })
            return audit_id
          },
          onCommitted: (effect) => void effects.push(effect),
        }
        const result = await work(change)
        await audit.append({ tenantId, head, drafts, session })
        return { result, effects }
      })
      for (const effect of effects) effect()
      return result
    } catch (error) {
      throw isDuplicateKey(error) ? taken(error) : error
    }
  }
}

/** Two changes wanted the same name at once: the services look first, the unique index has the last word. */
function taken(cause: unknown): DomainError {
  const field = cause instanceof Error && cause.message.includes('slug') ? 'slug' : 'name'
  const code = `${field}_taken` as const
  return new DomainError(code, `Something with this ${field} was created a moment ago.`, {
    errors: [{ path: field, code, message: 'is in use' }],
    cause,
  })
}

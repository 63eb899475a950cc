import { type ActiveMitigation, type MitigationDelta, type MitigationRemoval, type Renewal, renews } from '@esper/core'
import { LRUCache } from 'lru-cache'
import { ExpiryHeap } from './expiry-heap.js'

/** An entity held by a policy, as this process knows it. */
export interface HeldEntity {
  readonly policyId: string
  readonly entityKey: string
  readonly expiresAt: number
  /** Sequence of the broker's word; 0 for a provisional one of this process. */
  readonly sequence: number
  /** Absent for a provisional one. */
  readonly activeMitigationId?: string
}

export interface MitigationCounts {
  readonly blocks: number
  readonly others: number
  /** Blocks that made room for later-expiring ones. */
  readonly blocks_evicted: number
}

/** A tenant's clock and this process's may differ; nothing is held longer than this, whatever is asked. */
const LONGEST_MS = 31 * 86_400_000

/**
 * Who is held, in bounded memory. Blocks and everything else have rooms of their own, so that no number of challenged
 * entities drives out a blocked one; among blocks the soonest to expire goes first.
 */
export class MitigationCache {
  readonly #maxBlocks: number
  readonly #blocks = new Map<string, HeldEntity>()
  readonly #order = new ExpiryHeap()
  readonly #others: LRUCache<string, HeldEntity>
  readonly #perPolicy = new Map<string, number>()
  #isBlock: (policyId: string) => boolean = () => false
  #evicted = 0

  constructor(maxEntries: number) {
    this.#maxBlocks = maxEntries
    this.#others = new LRUCache({ max: maxEntries, dispose: (held) => this.#countPolicy(held, -1) })
  }

  counts(): MitigationCounts {
    return { blocks: this.#blocks.size, others: this.#others.size, blocks_evicted: this.#evicted }
  }

  /** Whether anything is held for a policy; if not, its entity keys need not be computed. */
  holdsAny(policyId: string): boolean {
    return (this.#perPolicy.get(policyId) ?? 0) > 0
  }

  get(policyId: string, entityKey: string, now: number): HeldEntity | undefined {
    const key = cacheKey(policyId, entityKey)
    const held = this.#blocks.get(key) ?? this.#others.get(key)
    if (held === undefined || held.expiresAt > now) return held
    this.#remove(key)
    return undefined
  }

  /** Holds an entity until the broker's word replaces it. A broker's one stays as it is, and one that holds for long yet. */
  hold(policyId: string, entityKey: string, renewal: Renewal): void {
    const { at, durationMs } = renewal
    const known = this.get(policyId, entityKey, at)
    const live = known && { expires_at: known.expiresAt }
    if ((known !== undefined && known.sequence > 0) || !renews(live, renewal)) return
    this.#put({ policyId, entityKey, expiresAt: at + durationMs, sequence: 0 }, at)
  }

  /** Follows the broker. What is older than what is known is ignored. */
  apply(delta: MitigationDelta, now: number): void {
    if (delta.kind === 'upsert') this.#upsert(delta.mitigation, now)
    else this.#release(delta.removal)
  }

  /** Replaces the broker's state by a whole one; provisional ones stay. */
  replace(mitigations: readonly MitigationDelta[], now: number): void {
    const provisional = [...this.#blocks.values(), ...this.#others.values()].filter((held) => held.sequence === 0)
    this.#clear()
    for (const held of provisional) this.#put(held, now)
    for (const delta of mitigations) this.apply(delta, now)
  }

  /** Follows a new bundle: what no policy holds any longer goes, and what became a Block or ceased to be one moves. */
  follow(
    policies: { readonly isBlock: (policyId: string) => boolean; readonly holds: (policyId: string) => boolean },
    now: number,
  ): void {
    const all = [...this.#blocks.values(), ...this.#others.values()]
    this.#clear()
    this.#isBlock = policies.isBlock
    for (const held of all) if (policies.holds(held.policyId)) this.#put(held, now)
  }

  #upsert(mitigation: ActiveMitigation, now: number): void {
    const { policy_id: policyId, entity_key: entityKey, sequence } = mitigation
    const known = this.#peek(cacheKey(policyId, entityKey))
    if (known !== undefined && known.sequence > sequence) return
    const expiresAt = Math.min(mitigation.expires_at, now + LONGEST_MS)
    this.#put({ policyId, entityKey, expiresAt, sequence, activeMitigationId: mitigation.active_mitigation_id }, now)
  }

  #release(removal: MitigationRemoval): void {
    const key = cacheKey(removal.policy_id, removal.entity_key)
    const known = this.#peek(key)
    if (known !== undefined && known.sequence <= removal.sequence) this.#remove(key)
  }

  #peek(key: string): HeldEntity | undefined {
    return this.#blocks.get(key) ?? this.#others.peek(key)
  }

  #put(held: HeldEntity, now: number): void {
    const key = cacheKey(held.policyId, held.entityKey)
    this.#remove(key)
    if (held.expiresAt <= now) return
    this.#countPolicy(held, 1)
    if (!this.#isBlock(held.policyId)) {
      this.#others.set(key, held)
      return
    }
    this.#blocks.set(key, held)
    this.#order.push(key, held.expiresAt)
    this.#trim(now)
  }

  #trim(now: number): void {
    while (this.#blocks.size > this.#maxBlocks) {
      const first = this.#order.pop()
      if (first === undefined) return
      const held = this.#blocks.get(first.key)
      // An extended or removed block leaves its old place in the order behind.
      if (held === undefined || held.expiresAt !== first.expiresAt) continue
      this.#remove(first.key)
      if (first.expiresAt > now) this.#evicted += 1
    }
    if (this.#order.size > 4 * this.#maxBlocks) this.#rebuildOrder()
  }

  #rebuildOrder(): void {
    while (this.#order.pop() !== undefined);
    for (const [key, held] of this.#blocks) this.#order.push(key, held.expiresAt)
  }

  #remove(key: string): void {
    const held = this.#blocks.get(key)
    if (held === undefined) {
      this.#others.delete(key)
      return
    }
    this.#blocks.delete(key)
    this.#countPolicy(held, -1)
  }

  #clear(): void {
    this.#others.clear()
    this.#blocks.clear()
    this.#rebuildOrder()
    this.#perPolicy.clear()
  }

  #countPolicy(held: HeldEntity, by: 1 | -1): void {
    const count = (this.#perPolicy.get(held.policyId) ?? 0) + by
    if (count > 0) this.#perPolicy.set(held.policyId, count)
    else this.#perPolicy.delete(held.policyId)
  }
}

function cacheKey(policyId: string, entityKey: string): string {
  return `${policyId}\n${entityKey}`
}

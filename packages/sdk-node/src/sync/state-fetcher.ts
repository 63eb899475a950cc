import { Backoff, type BundleList, type MitigationDelta, type MitigationPage, PAGE_MAC_HEADER } from '@esper/core'
import { readProblem } from '../deliver/problem.js'
import { type Answer, headerText, type Transport } from '../deliver/transport.js'
import type { ServerClock } from '../platform/clock.js'
import type { PurposeKeys } from '../platform/crypto.js'
import type { ReceivedBundle } from './bundle-check.js'
import type { BundleStore } from './bundle-store.js'
import { readMitigationPage, type StreamIdentity } from './stream-message.js'

export interface StateFetcherOptions {
  readonly clock: ServerClock
  readonly transport: Transport
  readonly keys: PurposeKeys
  readonly store: BundleStore
  readonly instanceId: string
  /** Applies deltas in order; `full` replaces everything known. */
  readonly onDeltas: (deltas: readonly MitigationDelta[], full: boolean) => void
}

const BUNDLE_BYTES = 9_437_184
const PAGE_BYTES = 33_554_432
/** The largest part over a slow line. */
const PART_TIMEOUT_MS = 20_000
const PROBLEM_BYTES = 65_536
const PART_RETRIES = { most: 2, baseMs: 400, maxMs: 2_000 }

/** A call was answered, but not with what was asked for. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected'
}

/** Fetches bundle and mitigations, and knows how far it has come. */
export class StateFetcher {
  readonly #options: StateFetcherOptions
  #cursor = 0
  #cursorEpoch = -1
  #pulling: Promise<void> | undefined
  #pullAgain = false

  constructor(options: StateFetcherOptions) {
    this.#options = options
  }

  /** Sequence of the last mitigation change that was applied. */
  get cursor(): number {
    return this.#cursor
  }

  /** Whose stream this process follows; undefined before the first bundle. */
  identity(): StreamIdentity | undefined {
    const bundle = this.#options.store.bundle
    if (bundle === undefined) return undefined
    return { tenantId: bundle.tenant_id, sourceId: bundle.source_id, key: this.#options.keys.streamMac }
  }

  /** How far this process is: the console shows which revision it works with. */
  whereIAm(): string {
    const { instanceId, store } = this.#options
    return `since=${this.#cursor}&instance_id=${instanceId}&revision=${store.bundle?.revision ?? 0}`
  }

  /** Applies a change that came another way. */
  apply(delta: MitigationDelta): void {
    const sequence = delta.kind === 'upsert' ? delta.mitigation.sequence : delta.removal.sequence
    this.#cursor = Math.max(this.#cursor, sequence)
    this.#options.onDeltas([delta], false)
  }

  /** Fetches bundle and changes. */
  async all(): Promise<void> {
    await this.pull()
    await this.catchUp()
  }

  /** Pulls the bundle; calls at the same time share one, and one that comes in the middle makes it run once more. */
  pull(): Promise<void> {
    this.#pullAgain = this.#pulling !== undefined
    this.#pulling ??= this.#pullOnce().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  async #pullOnce(): Promise<void> {
    do {
      this.#pullAgain = false
      const { transport, store } = this.#options
      const etag = store.etag
      const headers = etag === undefined ? {} : { 'if-none-match': etag }
      const answer = await transport.call({ method: 'GET', path: '/v1/bundle', headers, maxBytes: BUNDLE_BYTES })
      if (answer.status === 304) store.heard()
      else await this.#takeBundle(answer)
    } while (this.#pullAgain)
  }

  async #takeBundle(answer: Answer): Promise<void> {
    this.#expectOk(answer)
    const { store } = this.#options
    const taken = await store.offer(receivedBundle(answer), (reference) => this.#part(reference))
    if (!taken && store.bundle === undefined) throw new Unexpected('bundle_refused')
  }

  /** Fetches what is in a list: a few attempts close together, then whenever the bundle is asked for again. */
  async #part({ sha256, bytes }: BundleList): Promise<Buffer> {
    const { transport, clock } = this.#options
    // A refusal may be longer than a short list.
    const maxBytes = Math.max(bytes, PROBLEM_BYTES)
    const call = { method: 'GET', path: `/v1/lists/${sha256}`, timeoutMs: PART_TIMEOUT_MS, maxBytes } as const
    const backoff = new Backoff({ ...PART_RETRIES, random: Math.random })
    for (;;) {
      const isLast = backoff.failures === PART_RETRIES.most
      const answer = isLast ? await transport.call(call) : await transport.call(call).catch(() => undefined)
      if (answer !== undefined && (isLast || !mayComeBack(answer))) {
        this.#expectOk(answer)
        return answer.body
      }
      await new Promise<void>((resolve) => clock.after(backoff.next(), resolve))
    }
  }

  /** Fetches the deltas since the cursor, signed, page by page. */
  async catchUp(): Promise<void> {
    const identity = this.identity()
    if (identity === undefined) return
    const epoch = this.#options.store.bundle?.epoch ?? 0
    if (epoch !== this.#cursorEpoch) this.#cursor = 0
    this.#cursorEpoch = epoch
    for (let page = await this.#page(identity); ; page = await this.#page(identity)) {
      const reached = page.cursor
      this.#options.onDeltas(page.deltas, page.full)
      const done = page.full || page.deltas.length === 0 || reached <= this.#cursor
      this.#cursor = reached
      if (done) return
    }
  }

  async #page(identity: StreamIdentity): Promise<MitigationPage> {
    const since = this.#cursor
    const query = this.whereIAm()
    const call = { method: 'GET', path: '/v1/mitigations', query, maxBytes: PAGE_BYTES } as const
    const answer = await this.#options.transport.call(call)
    this.#expectOk(answer)
    const json = answer.body.toString('utf8')
    return readMitigationPage({ since, json, mac: headerText(answer.headers[PAGE_MAC_HEADER]) }, identity)
  }

  #expectOk(answer: Answer): void {
    if (answer.status === 200) return
    const { code, server_time: serverTime } = readProblem(answer)
    if (answer.status === 401) this.#options.clock.learn(serverTime)
    throw new Unexpected(`status_${answer.status}${code === undefined ? '' : `_${code}`}`)
  }
}

function mayComeBack({ status }: Answer): boolean {
  return status === 429 || status >= 500
}

function receivedBundle({ status, headers, body }: Answer): ReceivedBundle {
  const header = (name: string) => headerText(headers[name]) ?? ''
  return {
    status,
    headers: {
      'content-digest': header('content-digest'),
      'content-type': header('content-type'),
      etag: header('etag'),
      'signature-input': header('signature-input'),
      signature: header('signature'),
    },
    body: body.toString('utf8'),
  }
}

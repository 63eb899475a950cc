import { type Bundle, type BundlePolicy, type EventLine, NO_DEMAND } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { expect } from 'vitest'
import { mitigation } from '../../test/bundle-fixture.js'
import type { ControlPlane } from '../../test/control-plane.js'
import { type Response, send } from '../../test/harness.js'

const IP = [{ entity_definition_id: 'ent_ip', name: 'ip', priority: 1, key_fields: ['client_ip'] }]

type Sent = Parameters<typeof send>[1]

/** The running test application as a case uses it: asked over real sockets, told policies, and looked at by its events. */
export class Site {
  readonly url: string
  readonly #controlPlane: ControlPlane

  constructor(url: string, controlPlane: ControlPlane) {
    this.url = url
    this.#controlPlane = controlPlane
  }

  /** Puts policies in force, and waits until the application decides with them. */
  async rules(policies: readonly BundlePolicy[], more: Partial<Bundle> = {}): Promise<void> {
    this.#controlPlane.publish({
      policies,
      demand: NO_DEMAND,
      enforcement: 'on',
      entity_definitions: IP,
      mitigations: [mitigation('Block'), mitigation('Challenge'), mitigation('Monitor')],
      ...more,
    })
    const { revision } = this.#controlPlane.bundle
    await waitUntil(async () => this.said(await this.ask('/ready')).decision.revision === revision, {
      everyMs: 20,
      timeoutMs: 30_000,
      what: `revision ${revision} at ${this.url}`,
    })
  }

  /** Asks as a program from an address of its own, so that no case counts for another. */
  ask(path: string, options: Sent = {}): Promise<Response> {
    return send(`${this.url}${path}`, {
      ...options,
      headers: { 'user-agent': 'suite/1', 'x-forwarded-for': '203.0.113.1', ...options?.headers },
    })
  }

  /** What the application said, parsed. */
  said(answer: Response) {
    expect(answer).toMatchObject({ status: 200 })
    return JSON.parse(answer.body)
  }

  /** The event of an answer: by the reference on it, or by the decision that the application showed. */
  async eventOf(answer: Response): Promise<EventLine> {
    const reference = answer.headers['esper-reference'] ?? this.said(answer).decision.reference
    return this.event(`the event ${reference}`, (event) => event.event_id === reference)
  }

  /** The one event that a test picks. */
  async event(what: string, picks: (event: EventLine) => boolean): Promise<EventLine> {
    await waitUntil(() => this.#controlPlane.events.some(picks), { everyMs: 10, timeoutMs: 20_000, what })
    const [found, ...more] = this.#controlPlane.events.filter(picks)
    if (found === undefined || more.length > 0) throw new Error(`Not one event: ${what}`)
    return found
  }

  /** Events of one path, once there are as many as expected; more are found too. */
  async eventsOf(path: string, atLeast: number): Promise<readonly EventLine[]> {
    const found = () => this.#controlPlane.events.filter(({ fields }) => fields.request_path === path)
    await waitUntil(() => found().length >= atLeast, { everyMs: 10, timeoutMs: 20_000, what: `events of ${path}` })
    return found()
  }
}

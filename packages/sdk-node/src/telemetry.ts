import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api'
import type { Decision } from './decision.js'
import type { EsperStatus } from './esper-status.js'
import { SDK } from './version.js'

type OpenTelemetry = typeof import('@opentelemetry/api')

/** The application's OpenTelemetry, or undefined when it has none. A name in a variable keeps bundlers from wanting it. */
export async function findOpenTelemetry(name = '@opentelemetry/api'): Promise<OpenTelemetry | undefined> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ name)
  } catch {
    return undefined
  }
}

/** Puts each decision on the active span, and Esper's counts among the application's metrics. */
export class Telemetry {
  readonly #api: OpenTelemetry
  readonly #decisions
  readonly #stop: () => void

  constructor(api: OpenTelemetry, status: () => EsperStatus) {
    this.#api = api
    const [name, version] = SDK.split('/')
    const meter = api.metrics.getMeter(name ?? SDK, version)
    this.#decisions = meter.createCounter('esper.decisions', { description: 'Requests decided, by outcome' })
    this.#stop = observe(meter, status)
  }

  /** Notes a decision. Never throws: OpenTelemetry's own promise is not everybody's. */
  decided(decision: Decision): void {
    try {
      this.#note(decision)
    } catch {
      // Telemetry that fails must not take the request with it.
    }
  }

  #note(decision: Decision): void {
    const { outcome, enforced, policyId, failedOpen, bundle, reference } = decision
    const common: Attributes = { 'esper.outcome': outcome, 'esper.enforced': enforced }
    this.#decisions.add(1, common)
    this.#api.trace.getActiveSpan()?.setAttributes({
      ...common,
      'esper.failed_open': failedOpen,
      'esper.bundle': bundle,
      'esper.reference': reference,
      ...(policyId === undefined ? {} : { 'esper.policy_id': policyId }),
    })
  }

  stop(): void {
    this.#stop()
  }
}

/** Gauges that are read when the application's metrics are. */
function observe(meter: Meter, status: () => EsperStatus): () => void {
  const events = meter.createObservableGauge('esper.events', { description: 'Events by where they are' })
  const held = meter.createObservableGauge('esper.mitigations', { description: 'Entities held' })
  const errors = meter.createObservableGauge('esper.errors', { description: 'Failures inside Esper' })
  const readEvents = (result: ObservableResult) => {
    const { accepted, queued, in_flight: inFlight, uncertain, dropped } = status().delivery
    for (const [state, count] of Object.entries({ accepted, queued, in_flight: inFlight, uncertain })) {
      result.observe(count, { 'esper.state': state })
    }
    for (const [reason, count] of Object.entries(dropped)) {
      result.observe(count, { 'esper.state': 'dropped', 'esper.reason': reason })
    }
  }
  const readHeld = (result: ObservableResult) => {
    const { blocks, others } = status().mitigations
    result.observe(blocks, { 'esper.outcome': 'block' })
    result.observe(others, { 'esper.outcome': 'other' })
  }
  const readErrors = (result: ObservableResult) => result.observe(status().counts.errors)
  events.addCallback(readEvents)
  held.addCallback(readHeld)
  errors.addCallback(readErrors)
  return () => {
    events.removeCallback(readEvents)
    held.removeCallback(readHeld)
    errors.removeCallback(readErrors)
  }
}

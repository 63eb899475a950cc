import { settle, waitUntil } from '@esper/testkit'
import { context, metrics, type Span, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { findOpenTelemetry } from '../telemetry.js'
import { Harness, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
  harness.deny('/denied')
})
afterEach(async () => {
  metrics.disable()
  context.disable()
  trace.disable()
  await harness.end()
})

type Callback = (result: { observe(value: number, attributes?: object): void }) => void

it('puts decisions on the active span and counts among the metrics of an application that has OpenTelemetry', async () => {
  const added: unknown[] = []
  const gauges = new Map<string, Set<Callback>>()
  const gauge = (name: string) => {
    const callbacks = new Set<Callback>()
    gauges.set(name, callbacks)
    return {
      addCallback: (callback: Callback) => void callbacks.add(callback),
      removeCallback: (callback: Callback) => void callbacks.delete(callback),
    }
  }
  const meter = {
    createCounter: () => ({ add: (value: number, attributes: object) => void added.push({ value, attributes }) }),
    createObservableGauge: gauge,
  }
  Reflect.apply(metrics.setGlobalMeterProvider, metrics, [{ getMeter: () => meter }])
  const attributes: Record<string, unknown> = {}
  const span = trace.wrapSpanContext({ traceId: `${'0'.repeat(31)}1`, spanId: `${'0'.repeat(15)}1`, traceFlags: 1 })
  const recording: Span = Object.assign(Object.create(span), {
    setAttributes: (more: object) => Object.assign(attributes, more),
  })
  const active = trace.setSpan(context.active(), recording)
  context.setGlobalContextManager({
    active: () => active,
    with: (_context, run, self, ...args) => run.apply(self, args),
    bind: (_context, target) => target,
    enable() {
      return this
    },
    disable() {
      return this
    },
  })
  const esper = await harness.ready()
  await settle()
  const url = await harness.ok(esper)
  expect((await send(`${url}/denied`)).status).toBe(429)
  expect(added).toEqual([{ value: 1, attributes: { 'esper.outcome': 'block', 'esper.enforced': true } }])
  expect(attributes).toMatchObject({ 'esper.outcome': 'block', 'esper.policy_id': 'pol_deny', 'esper.bundle': 'fresh' })
  await waitUntil(() => esper.status().delivery.accepted === 1)
  const observed: unknown[] = []
  for (const callback of gauges.get('esper.events') ?? []) {
    callback({ observe: (value, labels) => void observed.push([value, labels]) })
  }
  expect(observed).toContainEqual([1, { 'esper.state': 'accepted' }])
  await esper.close()
  expect([...gauges.values()].map((callbacks) => callbacks.size)).toEqual([0, 0, 0])
})

it('does without where there is none', async () => {
  expect(await findOpenTelemetry('@opentelemetry/none')).toBeUndefined()
})

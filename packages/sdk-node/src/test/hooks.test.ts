import type { Logger } from '@esper/core'
import { settle, waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Decision, Esper, EsperFailure } from '../index.js'
import { Harness, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
  harness.deny('/denied')
})
afterEach(() => harness.end())

const ok = (esper: Esper) => harness.ok(esper)
const fails = () => {
  throw new Error('not yours to handle')
}
const rejects = () => Promise.reject(new Error('later'))
const never = () => new Promise<void>(() => undefined)

describe('hooks', () => {
  it('hear each decision and each failure', async () => {
    const decisions: Decision[] = []
    const failures: EsperFailure[] = []
    const esper = await harness.ready({
      onDecision: (decision) => {
        decisions.push(decision)
        if (decision.outcome === 'pass') fails()
      },
      onError: (failure) => void failures.push(failure),
    })
    const url = await ok(esper)
    expect((await send(`${url}/denied`)).status).toBe(429)
    expect((await send(`${url}/`)).status).toBe(200)
    expect(decisions).toMatchObject([{ outcome: 'block', enforced: true }, { outcome: 'pass' }])
    expect(failures).toEqual([{ where: 'onDecision', cause: 'Error' }])
    expect(esper.status().counts.errors).toBe(1)
  })

  it.each([
    ['throws', fails],
    ['rejects', rejects],
    ['never settles', never],
  ])('hurt nobody when one %s', async (_what, hook) => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const esper = await harness.ready({ onDecision: hook, onError: hook })
    const url = await ok(esper)
    for (let n = 0; n < 3; n += 1) expect((await send(`${url}/`)).status).toBe(200)
    expect((await send(`${url}/denied`)).status).toBe(429)
    await settle()
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('a logger', () => {
  it.each([
    ['throws', fails],
    ['rejects', rejects],
    ['never settles', never],
  ])('hurts nobody when it %s', async (_what, log) => {
    const logger: Logger = { debug: log, info: log, warn: log, error: log }
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    harness.controlPlane.interfere = (_request, response) => {
      response.writeHead(500).end()
      return true
    }
    const esper = harness.client({ logger })
    const url = await ok(esper)
    expect((await send(`${url}/`)).status).toBe(200)
    await waitUntil(() => harness.controlPlane.calls.length > 0)
    harness.controlPlane.interfere = () => false
    await waitUntil(() => esper.status().sync.mode === 'stream', { timeoutMs: 20_000 })
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('several clients in one process', () => {
  it('know nothing of each other', async () => {
    const other = await new Harness().start()
    const esper = await harness.ready()
    const second = await other.ready()
    expect((await send(`${await ok(esper)}/denied`)).status).toBe(429)
    expect((await send(`${await other.ok(second)}/denied`)).status).toBe(200)
    await waitUntil(() => harness.controlPlane.events.length === 1 && other.controlPlane.events.length === 1)
    await esper.close()
    expect(second.status()).toMatchObject({ sync: { mode: 'stream' }, delivery: { recorded: 1 } })
    await other.end()
  })
})

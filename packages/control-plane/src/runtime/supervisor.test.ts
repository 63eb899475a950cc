import { describe, expect, test } from 'vitest'
import { createLogger } from '../observability/logger.js'
import type { Module } from './module.js'
import { createSupervisor } from './supervisor.js'

const logger = createLogger({ level: 'silent', service: 'test' })

function recorder() {
  const done: string[] = []
  const module = (name: string, needs: readonly string[] = [], extra: Partial<Module> = {}): Module => ({
    name,
    needs,
    start: async () => void done.push(`start ${name}`),
    stop: async () => void done.push(`stop ${name}`),
    ...extra,
  })
  return { done, module }
}

describe('a supervisor', () => {
  test('starts what is needed first and stops in reverse, once', async () => {
    const { done, module } = recorder()
    const modules = [module('http', ['store', 'stream']), module('stream', ['store']), module('store')]
    const supervisor = createSupervisor({ modules, logger, drainTimeoutMs: 1_000 })
    await supervisor.start()
    expect(await Promise.all([supervisor.stop(), supervisor.stop()])).toEqual([true, true])
    expect(done).toEqual(['start store', 'start stream', 'start http', 'stop http', 'stop stream', 'stop store'])
  })

  test('stops what had started when one does not start', async () => {
    const { done, module } = recorder()
    const bad = module('bad', ['store'], { start: () => Promise.reject(new Error('port taken')) })
    const supervisor = createSupervisor({ modules: [module('store'), bad], logger, drainTimeoutMs: 1_000 })
    await expect(supervisor.start()).rejects.toThrow('port taken')
    expect(done).toEqual(['start store', 'stop store'])
  })

  test('tells a module to cut when the drain time is over, and goes on without one that does not', async () => {
    const { done, module } = recorder()
    const cuts = module('cuts', [], {
      stop: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    })
    const hangs = module('hangs', [], { stop: () => new Promise(() => undefined) })
    const supervisor = createSupervisor({ modules: [module('store'), hangs, cuts], logger, drainTimeoutMs: 30 })
    await supervisor.start()
    expect(await supervisor.stop()).toBe(false)
    expect(done).toContain('stop store')
  })

  test.each([
    [
      'a circle',
      [
        ['a', ['b']],
        ['b', ['a']],
      ],
      /Modules need each other: a > b > a/,
    ],
    ['something unknown', [['a', ['c']]], /Module a needs c, which is not there/],
    [
      'two of one name',
      [
        ['a', []],
        ['a', []],
      ],
      /Two modules have one name/,
    ],
  ] as const)('refuses %s', async (_what, modules, message) => {
    const { module } = recorder()
    const supervisor = createSupervisor({
      modules: modules.map(([name, needs]) => module(name, needs)),
      logger,
      drainTimeoutMs: 10,
    })
    await expect(supervisor.start()).rejects.toThrow(message)
  })
})

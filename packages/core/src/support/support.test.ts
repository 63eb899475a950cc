import { describe, expect, it } from 'vitest'
import { EsperError } from './errors.js'
import { guardLogger, type Logger, NoticeBoard } from './logger.js'
import { checked, flag, integer, oneOf, readOptions, text } from './options.js'

interface Example {
  readonly count: number
  readonly mode: 'on' | 'off'
  readonly name: string
  readonly open: boolean
  readonly log: Logger
}
const rules = {
  count: integer({ min: 1, max: 9 }),
  mode: oneOf(['on', 'off']),
  name: text('1 to 4 letters', /^[a-z]{1,4}$/),
  open: flag(),
  log: checked('a logger', (value): value is Logger => typeof value === 'object' && value !== null && 'warn' in value),
}
const read = (given: unknown) => readOptions<Example>(given, rules)

describe('options', () => {
  it('keep what is given and leave out what is not', () => {
    expect(read({ count: 3, mode: 'off', name: undefined })).toEqual({ count: 3, mode: 'off' })
  })

  it('accept numbers and flags as environment variables write them', () => {
    expect(read({ count: '7', open: '1' })).toEqual({ count: 7, open: true })
    expect(read({ open: 'false' })).toEqual({ open: false })
  })

  it.each([
    [{ count: 10 }, 'The option "count" must be a whole number from 1 to 9.'],
    [{ count: 1.5 }, 'The option "count" must be a whole number from 1 to 9.'],
    [{ count: '1e1' }, 'The option "count" must be a whole number from 1 to 9.'],
    [{ mode: 'ON' }, 'The option "mode" must be "on" or "off".'],
    [{ name: 'esk_secret' }, 'The option "name" must be 1 to 4 letters.'],
    [{ open: 'yes' }, 'The option "open" must be true or false.'],
    [{ log: null }, 'The option "log" must be a logger.'],
    [{ cuont: 1 }, 'There is no option "cuont". Known options: count, log, mode, name, open.'],
    ['text', 'The options must be an object.'],
    [null, 'The options must be an object.'],
  ])('refuse %j and say what is accepted', (given, message) => {
    expect(() => read(given)).toThrow(new EsperError('invalid_option', message))
  })
})

describe('a guarded logger', () => {
  it('passes on what is said', () => {
    const said: unknown[] = []
    const keep = (...parts: unknown[]) => void said.push(parts)
    const logger = guardLogger({ debug: keep, info: keep, warn: keep, error: keep })
    logger.warn('a')
    logger.error('b', { n: 1 })
    expect(said).toEqual([['a'], ['b', { n: 1 }]])
  })

  it('hurts nobody when the logger throws or rejects', async () => {
    const fails = () => {
      throw new Error('disk full')
    }
    const rejects = () => Promise.reject(new Error('later'))
    const logger = guardLogger({ debug: fails, info: rejects, warn: fails, error: fails })
    expect(() => logger.error('x')).not.toThrow()
    expect(() => logger.info('x')).not.toThrow()
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('a notice board', () => {
  it('says a condition once and its end once', () => {
    const said: string[] = []
    const board = new NoticeBoard()
    board.leave('stream', () => said.push('never broke'))
    for (let n = 0; n < 3; n += 1) board.enter('stream', () => said.push('broke'))
    for (let n = 0; n < 3; n += 1) board.leave('stream', () => said.push('back'))
    board.enter('stream', () => said.push('broke again'))
    expect(said).toEqual(['broke', 'back', 'broke again'])
  })
})

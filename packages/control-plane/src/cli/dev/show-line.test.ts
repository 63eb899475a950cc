import { describe, expect, it } from 'vitest'
import { showLine } from './show-line.js'

const quiet = { verbose: false, plain: false }

describe('showLine', () => {
  it('shows warnings and worse, and all levels only when asked', () => {
    const info = '{"level":"info","time":1,"service":"server","msg":"ready","port":8080}'
    expect(showLine(info, quiet)).toBeUndefined()
    expect(showLine(info, { verbose: true, plain: false })).toBe('info  ready port=8080')
  })

  it('shows an error in one short line, whatever hangs on it', () => {
    const err = { type: 'MongoServerSelectionError', message: 'refused', stack: 'at a\nat b', reason: { servers: {} } }
    const line = JSON.stringify({ level: 'error', msg: 'request failed', err, path: '/v1/events' })
    expect(showLine(line, quiet)).toBe('error request failed err=MongoServerSelectionError: refused path=/v1/events')
  })

  it('shows other lines only of those who are not quiet, and no secret of any', () => {
    expect(showLine('plain', quiet)).toBeUndefined()
    expect(showLine('key esk_abcdefghijkl', { verbose: false, plain: true })).toBe('key [redacted]')
  })
})

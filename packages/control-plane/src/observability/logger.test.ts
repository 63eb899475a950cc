import { expect, test } from 'vitest'
import { createLogger } from './logger.js'

const SECRETS = {
  apiKey: 'esk_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  operator: 'eop_ozDQ-yZncSa5xFfM0FQn8RT15zS87ePHsoiR3OKmqfY',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  password: 'correct horse',
}

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = []
  write(createLogger({ level: 'trace', service: 'test', stream: { write: (line) => void lines.push(line) } }))
  return lines
}

test('secrets are masked by key at any depth, whatever holds them', () => {
  const [line = ''] = logged((logger) =>
    logger.info(
      { a: [{ b: { Authorization: 'Basic x', 'set-cookie': 'y', newPassword: SECRETS.password } }], token: 'z' },
      'm',
    ),
  )
  expect(JSON.parse(line)).toMatchObject({
    a: [{ b: { Authorization: '[redacted]', 'set-cookie': '[redacted]', newPassword: '[redacted]' } }],
    token: '[redacted]',
  })
})

test('secrets are scrubbed from messages, errors, causes, children and URLs', () => {
  const lines = logged((logger) => {
    logger.info(`key ${SECRETS.apiKey}`)
    logger.info('got %s', SECRETS.operator)
    logger.error({ err: new Error(SECRETS.jwt, { cause: new Error(`Bearer ${SECRETS.operator}`) }) }, 'failed')
    logger.child({ who: SECRETS.jwt }).warn({ uri: `mongodb://esper:hunter22@db.example/x` }, 'uri')
  })
  const text = lines.join('')
  for (const secret of [...Object.values(SECRETS), 'hunter22']) expect(text).not.toContain(secret)
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(['info', 'info', 'error', 'warn'])
  expect(text).toContain('mongodb://esper:[redacted]@db.example/x')
})

test('a record is one line whatever it says, and a circle ends', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  const lines = logged((logger) =>
    logger.info({ agent: 'x\n{"level":"fatal"}', circle, raw: Buffer.alloc(3), n: 10n }, 'm'),
  )
  expect(lines).toHaveLength(1)
  expect(lines[0]?.trimEnd()).not.toContain('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ circle: { self: '[circular]' }, raw: '[3 bytes]', n: '10' })
})

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from './error-codes.js'
import { errorsDocument } from './errors-document.js'
import { FIELD_CODES } from './field-codes.js'

const source = new URL('../', import.meta.url).pathname

function sources(): { file: string; text: string }[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => ({ file, text: readFileSync(`${source}${file}`, 'utf8') }))
}

describe('docs/errors.md', () => {
  it('lists every code as the services know it', async () => {
    await expect(errorsDocument()).toMatchFileSnapshot('../../../../docs/errors.md')
  })
})

describe('the codes', () => {
  it('of fields that the server gives are all in the list', () => {
    const used = sources()
      .filter(({ file }) => file.startsWith('server/') && !file.startsWith('server/testing/'))
      .flatMap(({ text }) =>
        [...text.matchAll(/(?:params: \{|path[^\n]*,) code: '([a-z_]+)'/g)].map(([, code]) => code),
      )
    expect(new Set(used).size).toBeGreaterThan(8)
    expect([...new Set(used)].filter((code) => code === undefined || !Object.hasOwn(FIELD_CODES, code))).toEqual([])
  })

  it('of problems are each used by some service', () => {
    const text = sources()
      .filter(({ file }) => !file.startsWith('http/error'))
      .map((one) => one.text)
      .join('\n')
    const unused = Object.keys(ERROR_CODES).filter((code) => !text.includes(`'${code}'`))
    expect(unused).toEqual([])
  })
})

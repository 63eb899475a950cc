import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathReader } from '../expression/path.js'
import { FIELD_CATALOG } from './field-catalog.js'
import { FIELD_MAPS } from './field-names.js'
import { knownReader } from './known-readers.js'

const SEED = 20_261_126
/** Another field says these: `client_ip`, and what the set has matched. */
const NOT_IN_RECORDS = ['ip', 'actions']
const NAMES = ['x', 'accept-language', 'constructor', 'toString']

const scalars = FIELD_CATALOG.map(({ name }) => name).filter(
  (name) => !name.includes('<') && !NOT_IN_RECORDS.includes(name) && !FIELD_MAPS.some((map) => map === name),
)
const paths = [...scalars.map((name) => [name]), ...FIELD_MAPS.flatMap((map) => NAMES.map((name) => [map, name]))]

const aLeaf = fc.constantFrom<unknown>('text', '', 0, 7, null, true, ['a', ['b']], { x: 1 })
const aMap = fc.oneof(
  aLeaf,
  fc.dictionary(fc.constantFrom(...NAMES), aLeaf),
  fc.array(fc.dictionary(fc.constantFrom(...NAMES), aLeaf), { maxLength: 3 }),
)
const aRecord = fc.dictionary(fc.constantFrom(...new Set(paths.map(([first = '']) => first))), aMap)

describe('the reader of a known field', () => {
  it('is there for scalars and for what is in a map, but not for a name that all objects have', () => {
    expect(knownReader(['request_path'])).toBeDefined()
    expect(knownReader(['headers', 'accept-language'])).toBeDefined()
    for (const path of [['constructor'], ['headers', 'constructor'], ['headers'], ['body', 'a', 'b'], []]) {
      expect(knownReader(path)).toBeUndefined()
    }
  })

  it(`reads what the reader of any path reads, seed ${SEED}`, () => {
    const input = fc.oneof(aRecord, fc.array(aRecord, { maxLength: 3 }), aLeaf)
    fc.assert(
      fc.property(input, fc.constantFrom(...paths), (given, path) => {
        const read = knownReader(path) ?? pathReader(path)
        expect(read(given)).toEqual(pathReader(path)(given))
      }),
      { seed: SEED, numRuns: 3_000 },
    )
  })
})

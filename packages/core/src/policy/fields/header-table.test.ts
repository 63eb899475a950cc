import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeaderTable } from './header-table.js'

const name = fc.constantFrom('Host', 'host', 'Accept', 'ACCEPT', 'X-A', 'x-b', 'Cookie', 'esper-mitigation', 'Referer')
const anyHeaders = fc.array(name, { maxLength: 8 })
const filled = (names: readonly string[]) => names.flatMap((each) => [each, 'a=1'])

describe('the names of the headers', () => {
  it('are those present in their order, whatever came before', () => {
    const table = new HeaderTable(() => false)
    fc.assert(
      fc.property(anyHeaders, (names) => {
        table.read(filled(names))
        const said = [...new Set(names.map((each) => each.toLowerCase()))].filter((each) => !each.startsWith('esper-'))
        expect(table.names()).toEqual(said)
      }),
    )
  })

  it('are one list for all requests of the same order, which nobody can change', () => {
    const table = new HeaderTable(() => false)
    const namesOf = (...names: string[]) => {
      table.read(filled(names))
      return table.names()
    }
    const first = namesOf('Host', 'Accept')
    expect(namesOf('Host', 'Accept', 'X-A')).not.toBe(first)
    expect(namesOf('Accept', 'Host')).toEqual(['accept', 'host'])
    expect(namesOf('host', 'accept')).toBe(first)
    expect(Object.isFrozen(first)).toBe(true)
    expect(namesOf()).toEqual([])
  })

  it('stay right when more of them come than are remembered', () => {
    const table = new HeaderTable(() => false)
    for (let turn = 0; turn < 500; turn++) {
      const names = Array.from({ length: 40 }, (_, at) => `x-${turn}-${at}`)
      table.read(filled(names))
      expect(table.names()).toEqual(names)
    }
  })
})

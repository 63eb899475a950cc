import { describe, expect, it } from 'vitest'
import type { ProgramNode } from '../expression/program.js'
import { action, equals, policy, policySet, program } from '../testing/build-policy-set.js'
import { actionsAskedFor } from './action-reads.js'

const KNOWN = ['login', 'pay'].map((name) => ({ action: { name }, reads: [] }))
const ACTIONS: ProgramNode = ['path', 'actions']
const asks = (name: string): ProgramNode => ['in', ['lit', name], ACTIONS]

describe('the actions an expression asks for', () => {
  const table: readonly [says: string, root: ProgramNode, names: readonly string[]][] = [
    ['none', ['eq', ['path', 'request_path'], ['lit', 'login']], []],
    ['one by its name', asks('pay'), ['pay']],
    ['one that there is not', asks('other'), []],
    ['several', ['and', asks('pay'), ['call', 'not', asks('login')]], ['login', 'pay']],
    ['any, when it counts them', ['gt', ['call', 'count', ACTIONS], ['lit', 1]], ['login', 'pay']],
    ['any, when it compares them', ['or', asks('pay'), ['eq', ACTIONS, ['lit', 'login']]], ['login', 'pay']],
    ['any, when the name is read from the event', ['in', ['path', 'query', 'a'], ACTIONS], ['login', 'pay']],
    ['none, in a field of that name', ['eq', ['path', 'labels', 'actions'], ['lit', 'x']], []],
  ]
  it.each(table)('%s', (_says, root, names) => {
    expect(actionsAskedFor(root, KNOWN).map((each) => each.action.name)).toEqual(names)
  })

  it('make a policy response-only, and change what its window counts', () => {
    const named = { program: program(...asks('failed')), window: { seconds: 60, threshold: 3 } }
    const prepared = (failed: number) =>
      policySet({ actions: [action('failed', equals('response_status', failed))], policies: [policy('p', named)] })
        .policies[0]
    expect(prepared(401)?.responseOnly).toBe(true)
    expect(prepared(401)?.windowId).toBe(prepared(401)?.windowId)
    expect(prepared(401)?.windowId).not.toBe(prepared(403)?.windowId)
  })
})

import { describe, expect, it } from 'vitest'
import { compareWithOracle } from './testing/differential.js'

const SEED = Number(process.env.ESPER_FUZZ_SEED ?? Date.now() % 1_000_000_000)
const COMPARISONS = Number(process.env.ESPER_FUZZ_COMPARISONS ?? 100_000)

describe('an expression gives the answer that JSONata gives', () => {
  it(`in ${COMPARISONS} generated cases, seed ${SEED}`, { timeout: 3_600_000 }, async () => {
    const { compared, errors, unanswered, disagreements } = await compareWithOracle(COMPARISONS, SEED)
    console.log(`${compared} compared, seed ${SEED}, ${errors} of them errors; jsonata broke down ${unanswered} times`)
    expect(disagreements.slice(0, 5)).toEqual([])
    expect(errors).toBeGreaterThan(COMPARISONS * 0.05)
  })
})

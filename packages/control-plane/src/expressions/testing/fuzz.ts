import { parseArgs } from 'node:util'
import { compareWithOracle, type Disagreement, evaluatorOf, oracleAnswer } from './differential.js'
import { oracleOf } from './oracle.js'

const HELP = `npm run fuzz -- [--comparisons n] [--seed n]

Compares generated expressions on generated records with the jsonata package: value, truth and error code.
The same seed gives the same cases. Ends with 1 when an answer differs.`

const AT_A_TIME = 20_000
const MOST_SHOWN = 10

const { values } = parseArgs({
  options: {
    comparisons: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) console.log(HELP)
else process.exitCode = await run(Number(values.comparisons), Number(values.seed))

async function run(comparisons: number, seed: number): Promise<number> {
  if (!Number.isSafeInteger(comparisons) || !Number.isSafeInteger(seed)) {
    console.error(HELP)
    return 2
  }
  let compared = 0
  let errors = 0
  const found: Disagreement[] = []
  for (let round = 0; compared < comparisons && found.length < MOST_SHOWN; round++) {
    const result = await compareWithOracle(Math.min(AT_A_TIME, comparisons - compared), seed + round)
    compared += result.compared
    errors += result.errors
    found.push(...result.disagreements)
    console.log(`${compared} compared, ${errors} of them errors, ${found.length} disagreements (seed ${seed + round})`)
  }
  for (const disagreement of found.slice(0, MOST_SHOWN)) console.log(JSON.stringify(await smaller(disagreement)))
  return found.length === 0 ? 0 : 1
}

/** The same disagreement on a record without what it does not need. */
async function smaller({ source, record, ...answers }: Disagreement): Promise<Disagreement> {
  let least: Disagreement = { source, record, ...answers }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return least
  const oracle = oracleOf(source)
  const ours = evaluatorOf(source, false)
  for (const name of Object.keys(record)) {
    const entries = Object.entries(Object(least.record)).filter(([other]) => other !== name)
    const without: unknown = Object.fromEntries(entries)
    const wanted = await oracleAnswer(oracle, without)
    const given = ours(without)
    if (wanted !== undefined && given !== wanted) least = { source, record: without, given, wanted }
  }
  return least
}

import { parseArgs } from 'node:util'
import { growthLines, tableLines } from './support/row.mjs'
import { runGateProcess } from './support/run-gate.mjs'

const USAGE = `npm run bench -- [--only T1,T3 | --growth] [--rounds 15] [--json]

Measures the gates, nearly all of them ratios of two things run side by side, and prints for each its figure, limit,
stretch and verdict. Exits with 1 when a gate is missed, with 2 when it was called wrongly.

  --only T1,T3   these gates
  --growth       no gates, but a table of how cost grows with the number of policies
  --rounds 15    rounds whose median is taken
  --json         an array of {"gate", "figure", "limit", "stretch", "pass"} and nothing else
  --help         this text`

function wrongly(message) {
  console.error(`${message}\n\n${USAGE}`)
  process.exit(2)
}

function readArguments() {
  const options = {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    growth: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    help: { type: 'boolean', default: false },
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return wrongly(error.message)
  }
}

async function wantedGates(only) {
  const known = await runGateProcess(['list'])
  const wanted = only?.split(',').map((name) => name.trim().toUpperCase()) ?? known
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) wrongly(`No such gate: ${unknown.join(', ')}. There are ${known.join(', ')}.`)
  return wanted
}

const { json, only, growth, rounds, help } = readArguments()
if (help) {
  console.log(USAGE)
  process.exit(0)
}
if (!/^[1-9][0-9]{0,3}$/.test(rounds)) wrongly(`--rounds takes a whole number from 1 to 9999, not "${rounds}".`)

if (growth) {
  const measured = await runGateProcess(['growth', rounds])
  console.log(json ? JSON.stringify(measured, null, 2) : growthLines(measured))
  process.exit(0)
}

const rows = []
for (const gate of await wantedGates(only)) {
  const measured = await runGateProcess([gate, rounds])
  rows.push(...measured)
  if (!json) for (const row of measured) console.log(tableLines(row))
}
if (json) {
  const verdicts = rows.map(({ gate, figure, limit, stretch, pass }) => ({ gate, figure, limit, stretch, pass }))
  console.log(JSON.stringify(verdicts, null, 2))
} else {
  const held = rows.filter(({ pass }) => pass).length
  console.log(`\n${held} of ${rows.length} held; medians of ${rounds} rounds.`)
}
process.exitCode = rows.every(({ pass }) => pass) ? 0 : 1

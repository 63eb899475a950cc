import { parseArgs } from 'node:util'
import { GATES } from './gates.mjs'

const USAGE = `npm run bench -- [--only T1,T3] [--rounds 15] [--json]
Measures the gates, each a ratio of two things run side by side; exits with 1 when one is missed.`

const options = {
  json: { type: 'boolean', default: false },
  only: { type: 'string' },
  rounds: { type: 'string', default: '15' },
  help: { type: 'boolean', default: false },
}
const { values } = parseArgs({ options })
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const rounds = Number(values.rounds)
const wanted = values.only?.split(',') ?? Object.keys(GATES)
const unknown = wanted.filter((name) => !Object.hasOwn(GATES, name))
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`${unknown.length > 0 ? `No such gate: ${unknown.join(', ')}.\n` : ''}${USAGE}`)
  process.exit(2)
}

const rows = []
for (const name of wanted) {
  for (const row of await GATES[name](rounds)) {
    rows.push(row)
    if (!values.json) console.log(line(row))
  }
}
const verdicts = rows.map(({ gate, figure, limit, stretch, pass }) => ({ gate, figure, limit, stretch, pass }))
if (values.json) console.log(JSON.stringify(verdicts, null, 2))
else
  console.log(`\n${rows.filter(({ pass }) => pass).length} of ${rows.length} gates held, median of ${rounds} rounds.`)
process.exitCode = rows.every(({ pass }) => pass) ? 0 : 1

function line({ gate, what, figure, limit, stretch, better, pass, detail }) {
  const sign = better === 'lower' ? '≤' : '≥'
  const isStretch = better === 'lower' ? figure <= stretch : figure >= stretch
  const verdict = pass ? (isStretch ? 'stretch' : 'ok') : 'MISSED'
  const bounds = `${sign} ${limit} (stretch ${sign} ${stretch})`
  return `${gate.padEnd(10)} ${verdict.padEnd(8)} ${figure.toFixed(2).padStart(8)}  ${bounds.padEnd(24)} ${what}\n${detail.map((text) => `${' '.repeat(21)}${text}\n`).join('')}`
}

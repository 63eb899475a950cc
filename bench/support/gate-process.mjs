import { loadGates } from './gate-files.mjs'

const [name = 'list', rounds = '15'] = process.argv.slice(2)
const gates = await loadGates()
const gate = gates.get(name)
const answer = gate === undefined ? [...gates.keys()] : await gate({ rounds: Number(rounds) })
process.send(answer, () => process.disconnect())

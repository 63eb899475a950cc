import { loadGates } from './gate-files.mjs'
import { measureGrowth } from './growth.mjs'

const [name = 'list', rounds = '15'] = process.argv.slice(2)
async function answer() {
  if (name === 'growth') return measureGrowth(Number(rounds))
  const gates = await loadGates()
  const gate = gates.get(name)
  return gate === undefined ? [...gates.keys()] : gate({ rounds: Number(rounds) })
}

process.send(await answer(), () => process.disconnect())

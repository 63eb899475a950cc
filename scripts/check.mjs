import { availableParallelism } from 'node:os'
import { build } from './lib/build.mjs'
import { CHECKS } from './lib/checks.mjs'
import { installIfNeeded, requireNode } from './lib/install.mjs'
import { say } from './lib/progress.mjs'

requireNode()
await installIfNeeded()
const results = [await buildAsCheck()]
const waiting = [...CHECKS]
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work))

for (const { name, code, output } of results) {
  if (code !== 0) console.log(`\n--- ${name}\n${output.trim()}`)
}
console.log('')
for (const { name, code, seconds } of results) {
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(44)} ${seconds.toFixed(1).padStart(5)} s`)
}
const failed = results.filter(({ code }) => code !== 0).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

/** One of several at work on the same list. */
async function work() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    say(check.name)
    results.push(await measured(check.name, check.run))
  }
}

function buildAsCheck() {
  return measured('build', () =>
    build().then(
      () => ({ code: 0, output: '' }),
      (error) => ({ code: 1, output: error.message }),
    ),
  )
}

async function measured(name, check) {
  const startedAt = performance.now()
  const { code, output } = await check()
  return { name, code, output, seconds: (performance.now() - startedAt) / 1_000 }
}

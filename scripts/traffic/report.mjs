import cliProgress from 'cli-progress'
import { ACTORS } from './plan.mjs'

const BAR = '{bar} {value}/{total} requests · {challenged} challenged · {blocked} blocked · {eta_formatted} left'

/** Counts answers by actor. */
export function createTally() {
  const byActor = Object.fromEntries(ACTORS.map((actor) => [actor, {}]))
  const all = {}
  return {
    byActor,
    all,
    add(actor, answer) {
      byActor[actor][answer] = (byActor[actor][answer] ?? 0) + 1
      all[answer] = (all[answer] ?? 0) + 1
    },
    total: () => sum(all),
    ending: (word) => sum(Object.fromEntries(Object.entries(all).filter(([answer]) => answer.endsWith(word)))),
  }
}

/** A bar where there is a terminal and an end; a line every half minute where there is neither. */
export function showProgress(tally, { requests, json }) {
  const words = () => ({ challenged: tally.ending(' challenge'), blocked: tally.ending(' block') })
  if (json) return { stop() {} }
  if (!process.stdout.isTTY || requests === Number.POSITIVE_INFINITY) {
    const line = () =>
      console.log(`${tally.total()} requests, ${words().challenged} challenged, ${words().blocked} blocked`)
    const timer = setInterval(line, 30_000)
    return { stop: () => clearInterval(timer) }
  }
  const bar = new cliProgress.SingleBar({ format: BAR, hideCursor: true }, cliProgress.Presets.shades_classic)
  bar.start(requests, 0, words())
  const timer = setInterval(() => bar.update(tally.total(), words()), 200)
  return {
    stop() {
      clearInterval(timer)
      bar.update(tally.total(), words())
      bar.stop()
    },
  }
}

/** Actors down, answers across. */
export function table(tally) {
  const answers = Object.keys(tally.all).sort()
  const rows = [
    ['', ...answers, 'all'],
    ...ACTORS.map((actor) => [
      actor,
      ...answers.map((answer) => tally.byActor[actor][answer] ?? 0),
      sum(tally.byActor[actor]),
    ]),
    ['all', ...answers.map((answer) => tally.all[answer]), tally.total()],
  ].map((row) => row.map((cell) => (cell === 0 ? '·' : String(cell))))
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}

function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

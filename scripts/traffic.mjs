import { setTimeout as wait } from 'node:timers/promises'
import { HELP, readOptions, UsageError } from './traffic/options.mjs'
import { createTally, showProgress, table } from './traffic/report.mjs'
import { isListening, runTraffic } from './traffic/run.mjs'

async function main() {
  const options = readOptions(process.argv.slice(2))
  if (options.help) return console.log(HELP)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  await untilListening(options, stop.signal)

  const tally = createTally()
  if (!options.json)
    console.log(`Traffic to ${options.url.origin}, seed ${options.seed}, ${options.rate} requests a second`)
  const progress = showProgress(tally, options)
  const { sent, seconds } = await runTraffic({ ...options, signal: stop.signal, onAnswer: tally.add })
  progress.stop()
  if (options.json) {
    const { seed, url } = options
    console.log(
      JSON.stringify({ url: url.origin, seed, requests: sent, seconds, answers: tally.all, by_actor: tally.byActor }),
    )
  } else {
    console.log(`\n${table(tally)}\n\n${sent} requests in ${seconds.toFixed(1)} s`)
  }
}

/** A run without an end waits for the shop; a bounded one says at once that there is none. */
async function untilListening({ url, requests }, signal) {
  while (!signal.aborted && !(await isListening(url))) {
    if (requests !== Number.POSITIVE_INFINITY)
      throw new UsageError(`nothing listens at ${url.origin}: start the shop first`)
    await wait(500, undefined, { signal }).catch(() => undefined)
  }
}

main().catch((error) => {
  console.error(error instanceof UsageError ? `traffic: ${error.message}` : error)
  process.exitCode = error instanceof UsageError ? 2 : 1
})

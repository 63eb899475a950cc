const startedAt = performance.now()

/** A progress line on standard error: standard output belongs to the answer. */
export function say(line) {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)
  process.stderr.write(`${seconds} s  ${line}\n`)
}

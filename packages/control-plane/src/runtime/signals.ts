export type StopReason = 'SIGTERM' | 'SIGINT' | 'parent-gone'

/**
 * Calls `stop` once, on SIGTERM, on SIGINT, or when the process that started us over an IPC channel is gone.
 * A second Ctrl-C does not wait for the drain.
 */
export function onStopRequest(stop: (reason: StopReason) => void): void {
  let asked = false
  const ask = (reason: StopReason) => {
    if (!asked) {
      asked = true
      stop(reason)
    } else if (reason === 'SIGINT') {
      process.exit(130)
    }
  }
  process.on('SIGTERM', () => ask('SIGTERM'))
  process.on('SIGINT', () => ask('SIGINT'))
  if (process.send !== undefined) process.once('disconnect', () => ask('parent-gone'))
}

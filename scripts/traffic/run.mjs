import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createTrafficClient } from './client.mjs'
import { plan } from './plan.mjs'

const CONNECTIONS = 32

/**
 * Sends the plan at its rate until it is through or `signal` says stop, then waits for the answers still to come.
 * `onAnswer(actor, answer)` is called once for each request.
 */
export async function runTraffic({ url, seed, rate, requests, signal, onAnswer }) {
  const client = createTrafficClient(url, { connections: CONNECTIONS })
  const pending = new Set()
  const startedAt = performance.now()
  let sent = 0
  for (const planned of plan(seed)) {
    if (sent >= requests || !(await waitFor(startedAt + (sent * 1_000) / rate, signal))) break
    while (pending.size >= CONNECTIONS) await Promise.race(pending)
    const answered = client.send(planned).then((answer) => {
      pending.delete(answered)
      onAnswer(planned.actor, answer)
    })
    pending.add(answered)
    sent++
  }
  await Promise.all(pending)
  client.close()
  return { sent, seconds: (performance.now() - startedAt) / 1_000 }
}

/** False when the run was stopped meanwhile. */
async function waitFor(time, signal) {
  const milliseconds = time - performance.now()
  if (milliseconds > 1) await wait(milliseconds, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}

/** Whether something listens there; asked without a request, so that counts stay those of the plan. */
export function isListening(url) {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) })
    const end = (answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

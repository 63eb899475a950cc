/** Where Esper's own endpoints stand in the application. */
export const PATHS = {
  script: '/.esper/challenge.js',
  worker: '/.esper/worker.js',
  verify: '/.esper/challenge',
  wait: '/.esper/wait',
} as const

/** Finds the counter of an ALTCHA v2 challenge with WebCrypto's PBKDF2, every `step`th from `start` on. */
export const WORKER_JS = `'use strict'
const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16))
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')

self.onmessage = async ({ data: { parameters, start, step } }) => {
  try {
    const nonce = bytes(parameters.nonce)
    const password = new Uint8Array(nonce.length + 4)
    password.set(nonce)
    const view = new DataView(password.buffer)
    const kdf = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(parameters.salt), iterations: parameters.cost }
    for (let counter = start; counter <= 0xffffffff; counter += step) {
      view.setUint32(nonce.length, counter)
      const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
      const derived = new Uint8Array(await crypto.subtle.deriveBits(kdf, key, parameters.keyLength * 8))
      if (hex(derived).startsWith(parameters.keyPrefix)) {
        self.postMessage({ counter, derivedKey: hex(derived) })
        return
      }
    }
  } catch (error) {
    self.postMessage({ failed: String(error) })
  }
}
`

/** Runs the challenge page: solves in workers, hands in, then goes on to where the visitor wanted to be. */
export const CHALLENGE_JS = `'use strict'
;(() => {
  const data = JSON.parse(document.getElementById('esper-challenge').textContent)
  const status = document.getElementById('esper-status')
  const track = document.getElementById('esper-track')
  const again = document.getElementById('esper-again')
  const form = document.getElementById('esper-form')

  const stop = (message) => {
    track.hidden = true
    status.textContent = message
    again.hidden = false
  }
  again.addEventListener('click', () => (form ? history.back() : location.reload()))

  const goOn = () => {
    status.textContent = 'Done. Taking you on\\u2026'
    if (form) form.submit()
    else if (data.lost) stop('Done. Please go back and send your form again.')
    else location.reload()
  }

  const wait = () => {
    if (!data.wait) {
      stop('Your browser cannot run this check here. Please use a current browser over https.')
      return
    }
    status.textContent = 'This takes ' + data.wait.seconds + ' seconds\\u2026'
    setTimeout(() => {
      if (!form) location.replace(data.wait.url)
      else {
        form.action = data.wait.url
        form.submit()
      }
    }, data.wait.seconds * 1000 + 500)
  }

  const handIn = async (solution) => {
    const answer = await fetch(data.verify, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ challenge: data.challenge, solution }),
    })
    await answer.arrayBuffer()
    if (answer.ok) goOn()
    else if (answer.status === 410) stop('The check took too long. Please try again.')
    else if (answer.status === 429) stop('Too many tries. Please wait a minute, then try again.')
    else stop('The check did not succeed. Please try again.')
  }

  const solve = () => {
    const count = Math.max(1, Math.min(4, navigator.hardwareConcurrency || 2))
    const workers = []
    const finish = (run) => {
      for (const worker of workers.splice(0)) worker.terminate()
      run()
    }
    const failed = () => stop('The check could not be sent. Please try again.')
    for (let start = 0; start < count; start += 1) {
      const worker = new Worker(data.worker)
      workers.push(worker)
      worker.onmessage = ({ data: message }) => {
        if (workers.length === 0) return
        finish(() => (message.failed ? wait() : handIn(message).catch(failed)))
      }
      worker.onerror = () => {
        if (workers.length > 0) finish(wait)
      }
      worker.postMessage({ parameters: data.challenge.parameters, start, step: count })
    }
  }

  if (window.crypto && crypto.subtle && window.Worker) solve()
  else wait()
})()
`

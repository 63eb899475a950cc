import { Agent, request } from 'node:http'

const TIMEOUT_MS = 10_000
/** Visitors come and go for as long as the run lasts; those who left need no cookies. */
const KEPT_JARS = 1_000

/** Sends planned requests over kept-alive connections, each client's one after the other and with its own cookies. */
export function createTrafficClient(baseUrl, { connections }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const jars = new Map()
  const lastOf = new Map()

  /** The answer in a word: the status, with what Esper says about it; `no answer` when none came. */
  function send(planned) {
    const { client } = planned
    const turn = (lastOf.get(client.id) ?? Promise.resolve()).then(() => exchange(planned))
    lastOf.set(client.id, turn)
    return turn.finally(() => {
      if (lastOf.get(client.id) === turn) lastOf.delete(client.id)
    })
  }

  function exchange({ client, method, path, form }) {
    const body = form && new URLSearchParams(form).toString()
    const cookie = [...(jars.get(client.id)?.values() ?? [])].join('; ')
    const headers = {
      ...client.headers,
      'x-forwarded-for': client.address,
      ...(cookie ? { cookie } : {}),
      ...(body
        ? { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }
        : {}),
    }
    return new Promise((resolve) => {
      const outgoing = request(new URL(path, baseUrl), { agent, method, headers, timeout: TIMEOUT_MS })
      outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
      outgoing.on('error', () => resolve('no answer'))
      outgoing.on('response', (response) => {
        if (client.keepsCookies) keep(client.id, response.headers['set-cookie'])
        response.on('error', () => resolve('no answer'))
        response.on('end', () => resolve(inAWord(response)))
        response.resume()
      })
      outgoing.end(body)
    })
  }

  function keep(id, setCookies) {
    if (!setCookies) return
    const jar = jars.get(id) ?? new Map()
    for (const line of setCookies) {
      const pair = line.split(';', 1)[0]
      jar.set(pair.split('=', 1)[0], pair)
    }
    jars.set(id, jar)
    if (jars.size > KEPT_JARS) jars.delete(jars.keys().next().value)
  }

  return { send, close: () => agent.destroy() }
}

function inAWord(response) {
  const mitigation = response.headers['esper-mitigation']
  return mitigation ? `${response.statusCode} ${mitigation}` : String(response.statusCode)
}

import {
  ClearanceDesk,
  Decider,
  DecidingClient,
  derivePurposeKeys,
  EventSink,
  loadLocalBundle,
  prepareLocalRuleset,
  readNodeRequest,
  ServerClock,
  systemClock,
  Transport,
} from '@esper/sdk/testing'
import { exchangeAt } from './requests.mjs'
import { bundleFile } from './sdk.mjs'

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }
const EVENTS = 100
const STANDING = { enforces: true, expectsMore: true }
const RESPONSE = { status: 200, ms: 12.25 }

/** Key, clock and address that calls are signed with. */
export function signer(url) {
  const clock = new ServerClock(systemClock)
  return { origin: new URL(url), keyid: 'key_bench.1', keys: derivePurposeKeys('s'.repeat(43), 'key_bench'), clock }
}

/** What decides with 50 policies and a count, and records into a sink. */
export function decidingClient(sink, clock = new ServerClock(systemClock)) {
  const ruleset = prepareLocalRuleset(loadLocalBundle(bundleFile(50)), 's'.repeat(43))
  const decider = new Decider({ maxMitigations: 1_000, maxEntities: 1_000, clearances: new ClearanceDesk() })
  const store = { ruleset, state: () => 'fresh', enforces: () => 'all' }
  return new DecidingClient({ clock, store, decider, sink, monitor: false, onFailure: fail })
}

/** Decides the nth request. */
export function decide(client, at) {
  return client.evaluate(readNodeRequest(exchangeAt(at).request, {}, 0), STANDING)
}

/** Records an event as answered. */
export function record(client, evaluation) {
  client.record(evaluation, RESPONSE)
}

/**
 * The parts of the SDK between a decided request and the control plane, and so many decided requests: `record` makes
 * their events, batches them and gives a promise that ends when they are delivered. `lines` are the events' lines.
 */
export function recorder(url) {
  const access = signer(url)
  const transport = new Transport({ ...access, timeoutMs: 10_000, userAgent: 'bench' })
  let told = () => {}
  const telling = {
    call: async (call) => {
      const answer = await transport.call(call)
      setImmediate(told)
      return answer
    },
  }
  const sink = new EventSink({
    ...{ clock: access.clock, transport: telling, logger: QUIET, sdk: 'esper-node/bench', instanceId: 'bench' },
    ...{ queue: { maxEvents: 10_000, maxBytes: 1e8 }, batch: { maxEvents: EVENTS, maxAgeMs: 60_000 } },
    ...{ compression: 'off', counts: () => ({}), status: () => undefined, earlier: () => ({ lost: 0, uncertain: 0 }) },
  })
  const client = decidingClient(sink, access.clock)
  const decided = Array.from({ length: EVENTS }, (_, at) => decide(client, at))
  const recordAll = () => {
    const delivered = new Promise((resolve) => {
      told = resolve
    })
    for (const evaluation of decided) record(client, evaluation)
    return delivered
  }
  return {
    record: recordAll,
    lines: linesOf(client, sink, decided),
    report: () => sink.report(),
    end: () => transport.destroy(),
  }
}

function linesOf(client, sink, decided) {
  const lines = []
  const offer = sink.offer
  sink.offer = (line) => lines.push(line)
  for (const evaluation of decided) record(client, evaluation)
  sink.offer = offer
  return lines
}

function fail(where, error) {
  throw new Error(`${where} failed.`, { cause: error })
}

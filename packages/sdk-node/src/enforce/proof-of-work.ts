import { randomInt } from 'node:crypto'
import { type Challenge, createChallenge, type Payload, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import type { NamedKey } from '../decide/token.js'
import { mac } from '../platform/crypto.js'

/** What a challenge says about itself, signed. */
export interface ChallengeData {
  /** The policy's entity under the clearance key. */
  readonly sub: string
  /** Client address and User-Agent under the challenge key: who may hand in the solution. */
  readonly bind: string
  /** Mitigation and version of its settings. */
  readonly mit: string
  readonly level: number
}

const ALGORITHM = 'PBKDF2/SHA-256'
const COST = 1_000
/** Range of the counter to be found, by level: about three times the work from one to the next. */
const COUNTERS: readonly (readonly [least: number, most: number])[] = [
  [300, 700],
  [2_000, 4_000],
  [8_000, 12_000],
  [24_000, 36_000],
]
/** How long a challenge can be handed in. */
export const CHALLENGE_SECONDS = 120

/** The highest level there is. */
export const MAX_LEVEL = COUNTERS.length

function secrets(key: NamedKey) {
  return {
    hmacSignatureSecret: mac(key.key, 'altcha/challenge'),
    hmacKeySignatureSecret: mac(key.key, 'altcha/derived-key'),
  }
}

/** Makes a challenge in the ALTCHA v2 format whose solution is bound to one client and one mitigation. */
export function issueProofOfWork(data: ChallengeData, key: NamedKey, nowMs: number): Promise<Challenge> {
  const [least, most] = COUNTERS[Math.min(MAX_LEVEL, Math.max(1, data.level)) - 1] ?? [300, 700]
  return createChallenge({
    algorithm: ALGORITHM,
    cost: COST,
    counter: randomInt(least, most + 1),
    data: { ...data },
    deriveKey,
    expiresAt: Math.floor(nowMs / 1000) + CHALLENGE_SECONDS,
    ...secrets(key),
  })
}

/** What a handed-in solution came to. The nonce is the challenge's own, signed: it is what can be spent. */
export type ProofOutcome =
  | { readonly ok: true; readonly data: ChallengeData; readonly nonce: string; readonly expiresAt: number }
  | { readonly ok: false; readonly reason: 'malformed' | 'expired' | 'wrong' }

const MALFORMED: ProofOutcome = { ok: false, reason: 'malformed' }

function object(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPayload(value: unknown): value is Payload {
  if (!object(value)) return false
  const challenge: unknown = Reflect.get(value, 'challenge')
  const solution: unknown = Reflect.get(value, 'solution')
  if (!object(challenge) || !object(solution)) return false
  const parameters: unknown = Reflect.get(challenge, 'parameters')
  const signature: unknown = Reflect.get(challenge, 'signature')
  if (!object(parameters) || typeof signature !== 'string' || !/^[0-9a-f]{64}$/.test(signature)) return false
  return typeof Reflect.get(solution, 'counter') === 'number' && typeof Reflect.get(solution, 'derivedKey') === 'string'
}

function readData(value: unknown): ChallengeData | undefined {
  if (!object(value)) return undefined
  const [sub, bind, mit, level] = ['sub', 'bind', 'mit', 'level'].map((name): unknown => Reflect.get(value, name))
  if (typeof sub !== 'string' || typeof bind !== 'string' || typeof mit !== 'string' || typeof level !== 'number')
    return undefined
  return { sub, bind, mit, level }
}

/** Checks a solution against the keys a challenge may have been made under. Never rejects. */
export async function checkProofOfWork(
  payload: unknown,
  keys: readonly NamedKey[],
  nowMs: number,
): Promise<ProofOutcome> {
  if (!isPayload(payload)) return MALFORMED
  const { challenge, solution } = payload
  const { nonce, expiresAt } = challenge.parameters
  const data = readData(challenge.parameters.data)
  if (data === undefined || typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce)) return MALFORMED
  if (typeof expiresAt !== 'number') return MALFORMED
  if (expiresAt * 1000 <= nowMs) return { ok: false, reason: 'expired' }
  for (const key of keys) {
    try {
      const { verified } = await verifySolution({ challenge, deriveKey, solution, ...secrets(key) })
      if (verified) return { ok: true, data, nonce, expiresAt: expiresAt * 1000 }
    } catch {
      return MALFORMED
    }
  }
  return { ok: false, reason: 'wrong' }
}

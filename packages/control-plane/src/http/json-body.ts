import type { IncomingMessage } from 'node:http'
import { LIMITS } from '@esper/core'
import type { NextFunction, Request, Response } from 'express'
import { DomainError } from './problem.js'
import { readRawBody } from './raw-body.js'

export interface JsonBodyOptions {
  /** Default 262,144. */
  readonly maxBytes?: number | undefined
}

/** Reads JSON bodies into `request.body`, as `readJsonBody` does. */
export function jsonBody(options: JsonBodyOptions = {}) {
  return async (request: Request, _response: Response, next: NextFunction): Promise<void> => {
    request.body = await readJsonBody(request, options)
    next()
  }
}

/** The JSON body of a POST, PUT, PATCH or DELETE; `undefined` for none. Any other content type is 415. */
export async function readJsonBody(
  request: IncomingMessage,
  { maxBytes = 262_144 }: JsonBodyOptions = {},
): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return undefined
  const raw = await readRawBody(request, { maxBytes })
  if (raw.length > 0 || request.headers['content-type'] !== undefined) requireJson(request.headers['content-type'])
  return raw.length === 0 ? undefined : parseJson(raw)
}

/** Strict UTF-8 and JSON, nested at most `LIMITS.jsonDepth` deep. */
export function parseJson(raw: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
  } catch {
    throw new DomainError('malformed_json', 'The body is not well-formed JSON in UTF-8.')
  }
  if (isDeeper(value, LIMITS.jsonDepth)) {
    throw new DomainError('malformed_json', `The body is nested deeper than ${LIMITS.jsonDepth} levels.`)
  }
  return value
}

function requireJson(contentType: string | undefined): void {
  if (contentType !== undefined && /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(contentType)) return
  throw new DomainError('unsupported_media_type', 'Send the body as application/json.')
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((item) => isDeeper(item, levels - 1))
}

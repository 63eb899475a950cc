import { type ApiProblemError, RefusedByApi } from '../../clients/operator-client.js'
import { DomainError } from '../../http/problem.js'
import { validate } from '../../http/validation.js'
import { type PolicySetDocument, policySetDocument } from '../../server/policy-set/document/schema.js'
import { CliError } from '../cli-error.js'
import { type Document, placed, readDocument } from '../documents/document.js'
import { EXIT } from '../exit-codes.js'
import { findingOf } from '../report-error.js'
import type { Terminal } from '../terminal.js'

export interface PolicySetFile {
  readonly document: Document
  readonly policySet: PolicySetDocument
}

/** Reads a policy set and checks its shape. Whatever is wrong is said with its line. */
export async function readPolicySet(path: string, terminal: Terminal): Promise<PolicySetFile> {
  const document = await readDocument(path, terminal)
  return { document, policySet: await withPlaces(document, () => validate(policySetDocument, document.value)) }
}

/** Runs what looks at a document; what is refused is said at the lines of the file. */
export async function withPlaces<T>(document: Document, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof DomainError)
      throw refusedAt(
        document,
        error.code,
        (error.errors ?? []).map((one) => ({ ...one })),
        error,
      )
    const { problem } = error instanceof RefusedByApi ? error : {}
    if (problem?.errors === undefined) throw error
    throw refusedAt(document, problem.code, problem.errors, error)
  }
}

function refusedAt(document: Document, code: string, errors: readonly ApiProblemError[], cause: unknown): CliError {
  const findings = errors.map((error) => findingOf({ ...error, path: error.path.replace(/^document(?:\.|$)/, '') }))
  const count = findings.length === 1 ? 'one fault' : `${findings.length} faults`
  return new CliError(`${document.file} has ${count}.`, {
    ...{ exitCode: EXIT.refused, code, cause },
    ...{ findings: placed(document, findings), file: document.file },
  })
}

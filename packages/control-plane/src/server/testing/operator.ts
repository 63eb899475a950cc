import { expect } from 'vitest'
import { z } from 'zod'
import type {
  ActionRecord,
  ActiveMitigationRecord,
  ApiKeyCreated,
  ApiKeyRecord,
  AuditRecord,
  EntityDefinitionRecord,
  ExemptionRecord,
  FunctionRecord,
  ListRecord,
  ListWithEntries,
  MembershipRecord,
  MeRecord,
  MitigationRecord,
  OperatorTokenCreated,
  OperatorTokenRecord,
  Page,
  PolicyRecord,
  PolicyResultDetail,
  PolicyResultList,
  ResultSeries,
  RevisionRecord,
  SetupRecord,
  SourceRecord,
  TenantRecord,
} from '../../contract/operator.js'

/** What the item routes of a tenant's collections answer. */
interface Items {
  readonly actions: ActionRecord
  readonly 'active-mitigations': ActiveMitigationRecord
  readonly 'api-keys': ApiKeyRecord
  readonly audit: AuditRecord
  readonly 'entity-definitions': EntityDefinitionRecord
  readonly exemptions: ExemptionRecord
  readonly functions: FunctionRecord
  readonly lists: ListRecord
  readonly memberships: MembershipRecord
  readonly mitigations: MitigationRecord
  readonly 'operator-tokens': OperatorTokenRecord
  readonly policies: PolicyRecord
  readonly revisions: RevisionRecord
  readonly sources: SourceRecord
}

/** Of a collection whose items say more by themselves than among others. */
interface WholeItems extends Items {
  readonly lists: ListWithEntries
}

type Collection = keyof Items

/** What GET or PATCH of an address answers, as the contract says; `unknown` where the address does not tell. */
type Found<Path extends string> = Path extends `${infer Bare}?${string}`
  ? Found<Bare>
  : Path extends '/me'
    ? MeRecord
    : Path extends '/tenants'
      ? Page<TenantRecord>
      : Path extends `${string}/setup`
        ? SetupRecord
        : Path extends `${string}/results/policies`
          ? PolicyResultList
          : Path extends `${string}/results/policies/${string}`
            ? PolicyResultDetail
            : Path extends `${string}/results/series`
              ? ResultSeries
              : InCollection<Path>

/** A list, or one item of it. */
type InCollection<Path extends string> = Known<
  {
    [Name in Collection]: Path extends `${string}/${Name}`
      ? Page<Items[Name]>
      : Path extends `${string}/${Name}/${infer Id}`
        ? Id extends `${string}/${string}`
          ? never
          : WholeItems[Name]
        : never
  }[Collection]
>

type Known<Type> = [Type] extends [never] ? unknown : Type

/** What POST to an address makes. */
type Made<Path extends string> = Path extends '/tenants'
  ? TenantRecord
  : Path extends `${string}/api-keys`
    ? ApiKeyCreated
    : Path extends `${string}/operator-tokens`
      ? OperatorTokenCreated
      : Known<{ [Name in Collection]: Path extends `${string}/${Name}` ? WholeItems[Name] : never }[Collection]>

/** The first of a list that must not be empty. */
export function firstOf<Item>(items: readonly Item[]): Item {
  const [first] = items
  if (first === undefined) throw new Error('the list is empty')
  return first
}

/** An answer of the API with its JSON read. */
export interface Answer<Body = unknown> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/** Calls as somebody. A body has the type of a success; of a failure, `problemOf` reads it. */
export interface Operator {
  readonly token: string
  call(method: string, path: string, body?: unknown): Promise<Answer>
  get<Path extends string>(path: Path): Promise<Answer<Found<Path>>>
  post(path: string, body?: unknown): Promise<Answer>
  patch<Path extends string>(path: Path, body: unknown): Promise<Answer<Found<Path>>>
  delete(path: string): Promise<Answer>
  /** POST that must create; the record. */
  make<Path extends string>(path: Path, body: unknown): Promise<Made<Path>>
}

export function operatorWith({ url, token }: { readonly url: string; readonly token: string }): Operator {
  const call = async <Body = unknown>(method: string, path: string, body?: unknown): Promise<Answer<Body>> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: JSON.parse(text === '' ? 'null' : text) }
  }
  return {
    token,
    call,
    get: <Path extends string>(path: Path) => call<Found<Path>>('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    patch: <Path extends string>(path: Path, body: unknown) => call<Found<Path>>('PATCH', path, body),
    delete: (path) => call('DELETE', path),
    make: async <Path extends string>(path: Path, body: unknown) => {
      const answer = await call<Made<Path>>('POST', path, body)
      expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 })
      return answer.body
    },
  }
}

const problemShape = z
  .looseObject({
    code: z.string().default(''),
    errors: z.array(z.looseObject({ path: z.string(), code: z.string() })).default([]),
  })
  .nullable()

/** The problem's code and, by path, what was wrong. */
export function problemOf({ status, body }: Answer): { status: number; code: string; errors: Record<string, string> } {
  const problem = problemShape.parse(body)
  const errors = problem?.errors.map(({ path, code }): [string, string] => [path, code])
  return { status, code: problem?.code ?? '', errors: Object.fromEntries(errors ?? []) }
}

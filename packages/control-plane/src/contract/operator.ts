/**
 * The operator API as its clients see it: types only, inferred from the schemas that validate requests.
 *
 * Lists answer `Page<Item>`; an unset optional field is `null`; a `PATCH` with `null` clears an optional field; times are
 * ISO 8601 strings. `…Input` is what a client sends, `…Record` what it gets back.
 */
export type { ActionCreateInput, ActionPatchInput, ActionRecord } from '../server/actions/schema.js'
export type { ActiveMitigationRecord, ReleaseBody, ReleaseRecord } from '../server/active-mitigations/schema.js'
export type { ApiKeyCreated, ApiKeyCreateInput, ApiKeyPatchInput, ApiKeyRecord } from '../server/api-keys/schema.js'
export type { AuditActor, AuditRecord } from '../server/audit/schema.js'
export type { MeRecord } from '../server/auth/schema.js'
export type {
  EntityDefinitionCreateInput,
  EntityDefinitionPatchInput,
  EntityDefinitionRecord,
} from '../server/entity-definitions/schema.js'
export type { EventOutcome, EventPage, EventRecord } from '../server/events/schema.js'
export type { ExemptionCreateInput, ExemptionPatchInput, ExemptionRecord } from '../server/exemptions/schema.js'
export type {
  ClauseAnswer,
  ClauseRead,
  ClauseRecord,
  DraftExplanationRecord,
  DraftMatches,
  EventExplanationRecord,
  ExplainDraftInput,
  ExplanationReason,
  PolicyExplanationRecord,
} from '../server/explanations/schema.js'
export type {
  ExpressionCheck,
  ExpressionCheckInput,
  ExpressionEvalInput,
  ExpressionEvaluation,
  ExpressionIssueRecord,
  FunctionRecord,
} from '../server/expressions/schema.js'
export type { FieldRecord } from '../server/fields/schema.js'
export type {
  ListCreateInput,
  ListEntriesAddInput,
  ListEntriesRemoveInput,
  ListEntry,
  ListEntryInput,
  ListEntryPage,
  ListPatchInput,
  ListRecord,
  ListUser,
  ListWithEntries,
} from '../server/lists/schema.js'
export type { MembershipRecord, MembershipUpsertInput, Role } from '../server/memberships/schema.js'
export type { MitigationCreateInput, MitigationPatchInput, MitigationRecord } from '../server/mitigations/schema.js'
export type {
  OperatorTokenCreated,
  OperatorTokenCreateInput,
  OperatorTokenRecord,
} from '../server/operator-tokens/schema.js'
export type { PolicyCreateInput, PolicyPatchInput, PolicyRecord } from '../server/policies/schema.js'
export type {
  DecisionItem,
  PolicyResult,
  PolicyResultDetail,
  PolicyResultList,
  ResultSeries,
} from '../server/results/schema.js'
export type { RevisionRecord } from '../server/revisions/schema.js'
export type { SetupRecord, SetupStepId } from '../server/setup/schema.js'
export type { Page } from '../server/shapes.js'
export type { SourceRecord } from '../server/sources/schema.js'
export type { TenantCreateInput, TenantPatchInput, TenantRecord } from '../server/tenants/schema.js'

/** One thing that is wrong with a request. */
export interface ProblemError {
  /** Dotted path of the field in the body, or the name of the query parameter. */
  readonly path: string
  readonly code: string
  readonly message: string
  /** Of an expression, 1-based. */
  readonly line?: number
  readonly column?: number
}

/** Every error: `application/problem+json`. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Stable; all of them are listed in docs/errors.md. */
  readonly code: string
  readonly errors?: readonly ProblemError[]
  /** Of `resource_in_use`: what needs the resource. */
  readonly used_by?: readonly { readonly resource_type: string; readonly resource_id: string; readonly name: string }[]
}

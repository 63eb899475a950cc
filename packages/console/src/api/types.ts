/** The shapes of the operator API, from the schemas that validate it. Types only: nothing of the server is bundled. */
export type * from '@esper/control-plane/contract/operator'
export type {
  Enforcement,
  FailMode,
  MitigationMode,
  MitigationScope,
  Outcome,
  TrustLevel,
} from '@esper/core'

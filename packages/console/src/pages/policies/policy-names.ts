import { useCollection } from '../../api/resources.js'
import type { PolicyRecord } from '../../api/types.js'
import { windowShort } from './window-sentence.js'

type Named = Pick<PolicyRecord, 'action_ids' | 'entity_definition_id' | 'window'>

/** What a policy is about in one line: `login · ip-user-agent · 5 in 60 s`. */
export function usePolicyNames(base: string): (policy: Named) => string {
  const actions = useCollection(base, 'actions').data
  const entities = useCollection(base, 'entity-definitions').data
  return (policy) => {
    const names = policy.action_ids.flatMap((id) => actions?.find((action) => action.action_id === id)?.name ?? [])
    const entity = entities?.find((one) => one.entity_definition_id === policy.entity_definition_id)?.name
    const window = policy.window ? windowShort(policy.window) : undefined
    return [...names, entity, window].filter((part) => part !== undefined).join(' · ')
  }
}

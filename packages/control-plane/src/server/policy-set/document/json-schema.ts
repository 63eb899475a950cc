import { z } from 'zod'
import { policySetDocument } from './schema.js'

/** JSON Schema of policy set files, from the schema that validates them: editors complete and check by it. */
export function policySetJsonSchema(): object {
  const schema = z.toJSONSchema(policySetDocument, { io: 'input', unrepresentable: 'any', target: 'draft-7' })
  return { ...schema, title: 'Esper policy set' }
}

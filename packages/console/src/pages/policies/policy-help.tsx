import type { PolicyRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { ExpressionHelp } from '../../parts/expression/expression-help.js'

const EXAMPLES = [
  { what: 'Every request that is one of the actions', expression: 'true' },
  { what: 'No browser would leave this out', expression: '$not($exists(headers."accept-language"))' },
  { what: 'Calls from outside the office', expression: '$not($contains(client_ip, /^203\\.0\\.113\\./))' },
] as const

export function PolicyHelp({
  record,
  onExample,
}: {
  record: PolicyRecord | undefined
  onExample: (expression: string) => void
}) {
  const { href } = useTenant()
  return (
    <>
      {record && (
        <>
          <h2>What it did</h2>
          <p>
            Revision {record.revision}. <a href={href(`results/${record.policy_id}`)}>See its results</a>
          </p>
        </>
      )}
      <h2>How a policy decides</h2>
      <p>
        A request matches when it is all of the actions, the expression is true and the entity applies. With a window,
        it holds from the threshold on; then the mitigation says what happens.
      </p>
      <ExpressionHelp examples={EXAMPLES} onExample={onExample} />
    </>
  )
}

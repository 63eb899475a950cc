import { api, query } from './client.js'
import { type Query, useQuery } from './query.js'
import { type Range, spanOf } from './range.js'
import type { PolicyResultList, ResultSeries } from './types.js'

/** What each policy did in a range; one page of 200 is as many policies as anyone looks at. */
export function usePolicyResults(base: string, range: Range, pollMs: number): Query<PolicyResultList> {
  return useQuery(
    `${base}/results/policies?${range.value}`,
    () => api.get<PolicyResultList>(`${base}/results/policies${query({ ...spanOf(range), limit: 200 })}`),
    { pollMs },
  )
}

export function useSeries(
  base: string,
  range: Range,
  { policyId, pollMs }: { policyId?: string | undefined; pollMs: number },
): Query<ResultSeries> {
  return useQuery(
    `${base}/results/series?${range.value}&${policyId ?? ''}`,
    () => api.get<ResultSeries>(`${base}/results/series${query({ ...spanOf(range), policy_id: policyId })}`),
    { pollMs },
  )
}

/** What each trust level means, where one is chosen. */
export const TRUST_LEVELS = [
  {
    value: 'External',
    label: 'External',
    note: 'Counts alone and receives only its own active mitigations. For partners and anything you do not run yourself.',
  },
  {
    value: 'Internal',
    label: 'Internal',
    note: 'Counts together with your other internal and trusted sources. For your own web application.',
  },
  {
    value: 'Trusted',
    label: 'Trusted',
    note: 'Counts together like Internal. For sources whose word you never doubt, such as your own edge.',
  },
] as const

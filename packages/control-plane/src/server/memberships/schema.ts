import { z } from 'zod'
import { historyShape, idShape, nameShape } from '../shapes.js'

/** Each role may do what the ones after it may, and more. */
export const ROLES = ['Owner', 'Admin', 'Analyst', 'Viewer'] as const
export type Role = (typeof ROLES)[number]

const email = z
  .email('is not an e-mail address')
  .max(254, 'must be at most 254 characters')
  .transform((text) => text.toLowerCase())

/** POST is an upsert: the person is named by id, or by e-mail address. */
export const membershipUpsert = z
  .strictObject({
    user_id: idShape.optional(),
    email: email.optional(),
    name: nameShape.optional(),
    role: z.enum(ROLES),
  })
  .superRefine((input, context) => {
    if ((input.user_id === undefined) === (input.email === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['email'],
        message: 'name the person by either email or user_id',
        params: { code: 'required' },
      })
    }
  })

export const membershipPatch = z.strictObject({ role: z.enum(ROLES).optional() })

export const membershipRecord = z.object({
  tenant_id: z.string(),
  user_id: z.string(),
  role: z.enum(ROLES),
  name: z.string(),
  email: z.string().nullable(),
  avatar_url: z.string().nullable(),
  ...historyShape,
})

export type MembershipUpsert = z.output<typeof membershipUpsert>
export type MembershipUpsertInput = z.input<typeof membershipUpsert>
export type MembershipPatch = z.output<typeof membershipPatch>
export type MembershipRecord = z.output<typeof membershipRecord>

import { z } from 'zod'
import { ROLES } from '../memberships/schema.js'

export const meRecord = z.object({
  user: z.object({
    user_id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    avatar_url: z.string().nullable(),
  }),
  memberships: z.array(z.object({ tenant_id: z.string(), name: z.string(), slug: z.string(), role: z.enum(ROLES) })),
})

export type MeRecord = z.output<typeof meRecord>

import { useState } from 'preact/hooks'
import { api } from '../../api/client.js'
import { asApiError } from '../../api/problem.js'
import { invalidate } from '../../api/query.js'
import { useCollection } from '../../api/resources.js'
import type { MembershipRecord, Role } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { loadSession } from '../../app/session.js'
import { Button } from '../../design/button.js'
import { Card } from '../../design/card.js'
import { CompactSelect } from '../../design/controls.js'
import { Empty } from '../../design/notice.js'
import { RelativeTime } from '../../design/relative-time.js'
import { type Column, DataTable } from '../../design/table.js'
import { toast } from '../../design/toast.js'
import { DeleteDialog } from '../../parts/delete-dialog.js'
import { AddMember } from './add-member.js'
import { ROLES } from './roles.js'

/** Who belongs to the tenant and what they may do. */
export function MembersTab() {
  const { base, isOwner } = useTenant()
  const members = useCollection(base, 'memberships')
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<MembershipRecord>()
  const changeRole = async (member: MembershipRecord, role: Role) => {
    try {
      await api.post(`${base}/memberships`, { user_id: member.user_id, role })
      toast(`${member.name} is now ${role}`)
    } catch (error) {
      toast(`The role was not changed. ${asApiError(error).message}`, 'error')
    }
    await loadSession()
    invalidate(`${base}/memberships`)
  }
  const columns: readonly Column<MembershipRecord>[] = [
    {
      id: 'name',
      header: 'Member',
      cell: (member) => member.name,
      note: (member) => (member.email === member.name ? undefined : member.email),
      sortBy: (member) => member.name,
    },
    {
      id: 'role',
      header: 'Role',
      cell: (member) =>
        isOwner ? (
          <CompactSelect
            label={`Role of ${member.name}`}
            value={member.role}
            options={ROLES}
            onValue={(role) => void changeRole(member, role)}
          />
        ) : (
          member.role
        ),
      sortBy: (member) => member.role,
    },
    { id: 'since', header: 'Since', align: 'end', cell: (member) => <RelativeTime at={member.created_at} /> },
  ]
  const removal: Column<MembershipRecord> = {
    id: 'remove',
    header: 'Remove',
    align: 'end',
    cell: (member) => (
      <Button size="small" kind="danger" label={`Remove ${member.name}`} onClick={() => setRemoving(member)}>
        Remove
      </Button>
    ),
  }
  return (
    <>
      <Card
        title="Members"
        aside={
          isOwner && (
            <Button icon="plus" onClick={() => setAdding(true)}>
              Add member
            </Button>
          )
        }
      >
        <DataTable
          label="Members"
          rows={members}
          columns={isOwner ? [...columns, removal] : columns}
          rowKey={(member) => member.user_id}
          empty={<Empty title="No members">Add the people who work with you on this tenant.</Empty>}
        />
      </Card>
      {adding && <AddMember onClose={() => setAdding(false)} />}
      {removing && <RemoveMember member={removing} onClose={() => setRemoving(undefined)} />}
    </>
  )
}

function RemoveMember({ member, onClose }: { member: MembershipRecord; onClose: () => void }) {
  const { base } = useTenant()
  const remove = async () => {
    await api.remove(`${base}/memberships/${encodeURIComponent(member.user_id)}`)
    toast(`Removed ${member.name}`)
    onClose()
    await loadSession()
    invalidate(`${base}/memberships`)
  }
  return (
    <DeleteDialog title={`Remove ${member.name}?`} confirmLabel="Remove member" onConfirm={remove} onClose={onClose}>
      <p>They lose access to this tenant at once. What they changed stays in Audit under their name.</p>
    </DeleteDialog>
  )
}

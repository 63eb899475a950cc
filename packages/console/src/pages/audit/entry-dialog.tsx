import { useState } from 'preact/hooks'
import type { AuditRecord } from '../../api/types.js'
import { Button } from '../../design/button.js'
import { CopyId } from '../../design/copy.js'
import { Dialog } from '../../design/dialog.js'
import { formatExact, plural } from '../../design/format.js'
import { type DiffRow, diff } from './diff.js'
import { actionText, resourceName } from './wording.js'

/** One entry: who did it from where, and what it changed. */
export function EntryDialog({ entry, onClose }: { entry: AuditRecord; onClose: () => void }) {
  const rows = diff(entry.before, entry.after)
  const [all, setAll] = useState(false)
  const changed = rows.filter((row) => row.changed)
  const unchanged = rows.length - changed.length
  return (
    <Dialog title={`${actionText(entry.action)} ${resourceName(entry)}`} kind="wide" onClose={onClose}>
      <dl class="facts audit-facts">
        <div>
          <dt>Who</dt>
          <dd>
            {entry.actor.name} <span class="muted">by {entry.actor.via}</span>
          </dd>
        </div>
        <div>
          <dt>When</dt>
          <dd>{formatExact(entry.at)}</dd>
        </div>
        <div>
          <dt>From where</dt>
          <dd>{entry.ip === null ? 'unknown' : <code>{entry.ip}</code>}</dd>
        </div>
        <div>
          <dt>{entry.resource_type.replaceAll('_', ' ')}</dt>
          <dd>
            <CopyId id={entry.resource_id} />
          </dd>
        </div>
        <div>
          <dt>Hash of this entry</dt>
          <dd>
            <CopyId id={entry.hash} what="hash" />
          </dd>
        </div>
        <div>
          <dt>Hash of the entry before</dt>
          <dd>
            <CopyId id={entry.previous_hash} what="hash" />
          </dd>
        </div>
      </dl>
      {rows.length > 0 && <DiffTable rows={all ? rows : changed} />}
      {unchanged > 0 && !all && (
        <div class="dialog-actions">
          <Button size="small" kind="quiet" onClick={() => setAll(true)}>
            Show {plural(unchanged, 'unchanged field')}
          </Button>
        </div>
      )}
    </Dialog>
  )
}

function DiffTable({ rows }: { rows: readonly DiffRow[] }) {
  return (
    <table class="diff">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.path} class={row.changed ? 'diff-changed' : undefined}>
            <th scope="row">
              <code>{row.path}</code>
            </th>
            <td class="diff-before">{row.before !== undefined && <code>{row.before}</code>}</td>
            <td class="diff-after">{row.after !== undefined && <code>{row.after}</code>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

import type { ApiKeyCreated } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { CopyBlock } from '../../design/copy.js'
import { Notice } from '../../design/notice.js'
import { EXPRESS_SNIPPET, envSnippet, INSTALL_SNIPPET } from './snippets.js'

/** The secret of a new key, once, with all that puts it to use. */
export function CreatedKey({ created }: { created: ApiKeyCreated }) {
  const { href } = useTenant()
  const access = { url: location.origin, keyId: created.key_id, secret: created.secret }
  return (
    <PageLayout
      title={`API key ${created.name} is ready`}
      lead={`It speaks for the source ${created.source_id} with trust level ${created.trust_level}.`}
    >
      <Notice tone="warning">
        <strong>Copy the secret now.</strong> It is not stored in a form that can be shown again. If it is lost, create
        another key.
      </Notice>
      <Card title="Use it in an application">
        <div class="card-body stack">
          <CopyBlock title="Secret" text={created.secret} />
          <CopyBlock title=".env" text={envSnippet(access)} />
          <CopyBlock title="Terminal" text={INSTALL_SNIPPET} />
          <CopyBlock title="Express application" text={EXPRESS_SNIPPET} />
          <p class="muted">
            Without policies nothing is enforced. As soon as the application runs, it shows up as a live SDK at the top
            of this page.
          </p>
          <div class="cluster">
            <LinkButton kind="primary" href={href('api-keys')}>
              I have copied the secret
            </LinkButton>
            <LinkButton kind="quiet" href={href('policies/actions/new')}>
              Next: create an action
            </LinkButton>
          </div>
        </div>
      </Card>
    </PageLayout>
  )
}

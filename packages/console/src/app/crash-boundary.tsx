import { Component, type ComponentChildren } from 'preact'
import { ErrorBoundary } from 'preact-iso'
import { Button } from '../design/button.js'
import { PageLayout } from '../design/card.js'
import { Empty } from '../design/notice.js'

interface CrashState {
  readonly crash: Error | undefined
}

/** A page that breaks, or one whose file is gone after an update, says so; the rest of the console stays. */
export class CrashBoundary extends Component<{ children: ComponentChildren }, CrashState> {
  override state: CrashState = { crash: undefined }

  static override getDerivedStateFromError(crash: Error): CrashState {
    return { crash }
  }

  override componentDidMount(): void {
    window.addEventListener('popstate', this.#reset)
  }

  override componentWillUnmount(): void {
    window.removeEventListener('popstate', this.#reset)
  }

  #reset = () => {
    if (this.state.crash) this.setState({ crash: undefined })
  }

  override render() {
    const { crash } = this.state
    if (!crash) return <ErrorBoundary>{this.props.children}</ErrorBoundary>
    return (
      <PageLayout title="This page could not be shown">
        <section class="card">
          <Empty
            title="Something in the console failed"
            action={
              <Button kind="primary" onClick={() => location.reload()}>
                Load again
              </Button>
            }
          >
            {crash.message}
          </Empty>
        </section>
      </PageLayout>
    )
  }
}

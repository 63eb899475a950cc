export function OverviewPage() {
  return <p>stub</p>
}

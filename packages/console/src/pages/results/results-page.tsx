export function ResultsPage() {
  return <p>stub</p>
}

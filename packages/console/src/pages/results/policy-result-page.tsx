export function PolicyResultPage() {
  return <p>stub</p>
}

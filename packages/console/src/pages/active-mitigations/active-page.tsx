export function ActivePage() {
  return <p>stub</p>
}

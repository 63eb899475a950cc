export function ApiKeyPage() {
  return <p>stub</p>
}

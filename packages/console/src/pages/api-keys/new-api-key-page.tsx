export function NewApiKeyPage() {
  return <p>stub</p>
}

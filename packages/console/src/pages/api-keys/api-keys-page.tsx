export function ApiKeysPage() {
  return <p>stub</p>
}

export function TenantsPage() {
  return <p>stub</p>
}

export function TenantPage() {
  return <p>stub</p>
}

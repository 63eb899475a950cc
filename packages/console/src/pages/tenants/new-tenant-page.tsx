export function NewTenantPage() {
  return <p>stub</p>
}

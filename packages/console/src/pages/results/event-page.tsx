export function EventPage() {
  return <p>stub</p>
}

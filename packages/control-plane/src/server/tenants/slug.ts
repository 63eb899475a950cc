const MOST = 48

/** A slug that reads like the name: "Café & Söhne" becomes "cafe-sohne". */
export function slugFrom(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST)
    .replace(/^-+|-+$/g, '')
  return slug === '' ? 'tenant' : slug
}

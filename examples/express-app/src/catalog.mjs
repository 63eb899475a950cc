/** What the shop sells. Prices are in cents. */
export const articles = [
  ['field-notebook', 'Field notebook', 1250, 'Ninety-six dotted pages, sewn so that they lie flat.'],
  ['brass-pen', 'Brass pen', 3900, 'Heavy enough to think with; takes any standard refill.'],
  ['desk-lamp', 'Desk lamp', 7900, 'A warm light on a long arm, dimmed by a turn of the base.'],
  ['wool-blanket', 'Wool blanket', 11900, 'Woven from undyed wool, large enough for two readers.'],
  ['enamel-mug', 'Enamel mug', 1450, 'Survives the camp fire and the dishwasher alike.'],
  ['canvas-bag', 'Canvas bag', 4600, 'Waxed canvas that gets better with every rain.'],
  ['pocket-knife', 'Pocket knife', 5200, 'One blade, one hand, a lifetime.'],
  ['paper-clips', 'Paper clips', 390, 'A hundred of them in a tin that closes with a click.'],
  ['wall-clock', 'Wall clock', 8800, 'Silent, round, and right.'],
  ['hand-cream', 'Hand cream', 1690, 'For hands that work outside.'],
  ['seed-box', 'Seed box', 2450, 'Twelve herbs for one window sill.'],
  ['tea-towels', 'Tea towels', 1890, 'Three linen towels that dry glass without a trace.'],
].map(([slug, name, price, description]) => ({ slug, name, price, description }))

export function findArticle(slug) {
  return articles.find((article) => article.slug === slug)
}

/** Articles whose name or description holds every word of the question. */
export function searchArticles(question) {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  return articles.filter((article) => {
    const text = `${article.name} ${article.description}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

export function formatPrice(cents) {
  return `€ ${(cents / 100).toFixed(2)}`
}

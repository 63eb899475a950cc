/** What a visitor knows of the shop: its paths, as its pages link to them. */
export const ARTICLES = [
  'field-notebook',
  'brass-pen',
  'desk-lamp',
  'wool-blanket',
  'enamel-mug',
  'canvas-bag',
  'pocket-knife',
  'paper-clips',
  'wall-clock',
  'hand-cream',
  'seed-box',
  'tea-towels',
]
export const QUESTIONS = ['pen', 'linen', 'warm light', 'wool', 'knife', 'gift', 'seed', 'tin']
export const CUSTOMERS = [
  ['ada@example.com', 'correct horse'],
  ['grace@example.com', 'battery staple'],
  ['alan@example.com', 'enigma bombe'],
]

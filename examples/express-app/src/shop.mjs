import { Router } from 'express'
import { articles, findArticle, searchArticles } from './catalog.mjs'
import { signIn } from './customers.mjs'
import * as pages from './pages.mjs'
import { sessions } from './sessions.mjs'

const ROBOTS = 'User-agent: *\nDisallow: /cart\nDisallow: /account\n'

/** The shop itself: nothing in here knows of Esper. Forms are parsed before, so that policies can read them too. */
export function createShop() {
  const shop = Router()
  shop.use(sessions())

  shop.get('/', (req, res) => show(req, res, { title: 'Home', body: pages.homePage(articles.slice(0, 4)) }))
  shop.get('/robots.txt', (_req, res) => res.type('text').send(ROBOTS))
  shop.get('/articles', (req, res) => show(req, res, { title: 'Articles', body: pages.listPage(articles) }))
  shop.get('/articles/:slug', showArticle)
  shop.get('/search', showSearch)
  addAccount(shop)
  addCart(shop)
  shop.use((req, res) => {
    res.status(404)
    show(req, res, { title: 'Not found', body: pages.messagePage('Not found', 'There is nothing at this address.') })
  })
  return shop
}

function showArticle(req, res, next) {
  const article = findArticle(req.params.slug)
  if (!article) return next()
  show(req, res, { title: article.name, body: pages.articlePage(article) })
}

function showSearch(req, res) {
  const question = textOf(req.query.q)
  show(req, res, { title: 'Search', body: pages.searchPage(question, searchArticles(question)) })
}

function addAccount(shop) {
  const form = (req, res, { email, failed }) =>
    show(req, res, { title: 'Sign in', body: pages.loginPage({ email, failed }) })
  shop.get('/login', (req, res) => form(req, res, { email: '', failed: false }))
  shop.post('/login', (req, res) => {
    const email = textOf(req.body?.email)
    const customer = signIn(email, textOf(req.body?.password))
    if (!customer) {
      res.status(401)
      return form(req, res, { email, failed: true })
    }
    req.openSession().customer = customer
    res.redirect(303, '/account')
  })
  shop.post('/logout', (req, res) => {
    if (req.session) req.session.customer = undefined
    res.redirect(303, '/')
  })
  shop.get('/account', (req, res) => {
    const customer = req.session?.customer
    if (!customer) return res.redirect(303, '/login')
    show(req, res, { title: 'Account', body: pages.accountPage(customer) })
  })
}

function addCart(shop) {
  shop.get('/cart', (req, res) => {
    const lines = [...(req.session?.cart ?? [])].map(([slug, count]) => ({ article: findArticle(slug), count }))
    show(req, res, { title: 'Cart', body: pages.cartPage(lines) })
  })
  shop.post('/cart', (req, res, next) => {
    const article = findArticle(textOf(req.body?.slug))
    if (!article) return next()
    const { cart } = req.openSession()
    cart.set(article.slug, Math.min((cart.get(article.slug) ?? 0) + 1, 99))
    res.redirect(303, '/cart')
  })
  shop.post('/checkout', (req, res) => {
    if (!req.session || req.session.cart.size === 0) return res.redirect(303, '/cart')
    req.session.cart.clear()
    show(req, res, { title: 'Thank you', body: pages.thanksPage(textOf(req.body?.name) || 'friend') })
  })
}

function show(req, res, { title, body }) {
  res.type('html').send(String(pages.page({ title, body, session: req.session })))
}

function textOf(value) {
  return typeof value === 'string' ? value.slice(0, 200) : ''
}

import { formatPrice } from './catalog.mjs'
import { html } from './html.mjs'

/** A whole page: what every page of the shop has around its own part. */
export function page({ title, session, body }) {
  const items = session ? [...session.cart.values()].reduce((sum, count) => sum + count, 0) : 0
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Fieldhouse</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<a class="brand" href="/">Fieldhouse</a>
<nav aria-label="Shop">
<a href="/articles">Articles</a>
<a href="/cart">Cart${items > 0 && html` <span class="count">${items}</span>`}</a>
<a href="${session?.customer ? '/account' : '/login'}">${session?.customer ? session.customer.name : 'Sign in'}</a>
</nav>
<form role="search" action="/search"><input type="search" name="q" aria-label="Search articles" placeholder="Search"></form>
</header>
<main>${body}</main>
<footer>A small shop, protected by Esper.</footer>
</body>
</html>`
}

const tile = (article) => html`<li><a class="tile" href="/articles/${article.slug}">
<span class="picture" style="--hue: ${hueOf(article.slug)}" aria-hidden="true">${article.name.slice(0, 1)}</span>
<strong>${article.name}</strong><span>${formatPrice(article.price)}</span></a></li>`

export const homePage = (articles) => html`<section class="hero"><h1>Things that last</h1>
<p>Twelve good articles for people who work with their hands and their heads.</p>
<a class="button" href="/articles">See all articles</a></section>
<h2>This week</h2><ul class="grid">${articles.map(tile)}</ul>`

export const listPage = (articles) => html`<h1>Articles</h1><ul class="grid">${articles.map(tile)}</ul>`

export const searchPage = (question, articles) => html`<h1>Search</h1>
<p>${articles.length} for “${question}”</p><ul class="grid">${articles.map(tile)}</ul>`

export const articlePage = (article) => html`<article class="article">
<span class="picture large" style="--hue: ${hueOf(article.slug)}" aria-hidden="true">${article.name.slice(0, 1)}</span>
<div><h1>${article.name}</h1><p>${article.description}</p><p class="price">${formatPrice(article.price)}</p>
<form method="post" action="/cart"><input type="hidden" name="slug" value="${article.slug}">
<button>Add to cart</button></form></div></article>`

export const loginPage = ({ email, failed }) => html`<h1>Sign in</h1>
${failed && html`<p class="notice" role="alert">That e-mail address and password do not go together.</p>`}
<form class="stack" method="post" action="/login">
<label>E-mail address<input name="email" type="email" autocomplete="username" required value="${email}"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form>
<p class="hint">Try ada@example.com with “correct horse”.</p>`

export const accountPage = (customer) => html`<h1>Hello, ${customer.name}</h1>
<p>You are signed in as ${customer.email}.</p>
<form method="post" action="/logout"><button class="quiet">Sign out</button></form>`

export const cartPage = (lines) => html`<h1>Cart</h1>
${lines.length === 0 ? html`<p>Nothing in it yet. <a href="/articles">Look around</a>.</p>` : cartTable(lines)}`

function cartTable(lines) {
  const total = lines.reduce((sum, { article, count }) => sum + article.price * count, 0)
  return html`<table><thead><tr><th>Article</th><th>Count</th><th>Price</th></tr></thead><tbody>
${lines.map(({ article, count }) => html`<tr><td>${article.name}</td><td>${count}</td><td>${formatPrice(article.price * count)}</td></tr>`)}
</tbody><tfoot><tr><th colspan="2">Total</th><td>${formatPrice(total)}</td></tr></tfoot></table>
<form class="stack" method="post" action="/checkout"><label>Name on the parcel<input name="name" autocomplete="name" required></label>
<button>Order now</button></form>`
}

export const thanksPage = (name) => html`<h1>Thank you, ${name}</h1><p>Your parcel leaves tomorrow.</p>`

export const messagePage = (heading, text) => html`<h1>${heading}</h1><p>${text} <a href="/">Back to the shop</a></p>`

function hueOf(slug) {
  let hue = 0
  for (const character of slug) hue = (hue * 31 + character.charCodeAt(0)) % 360
  return hue
}

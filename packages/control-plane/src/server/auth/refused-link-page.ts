import { createHash } from 'node:crypto'

const STYLE = `
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;
background:light-dark(#f7f7f5,#121315);color:light-dark(#1c1d1f,#ececea);
font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{width:100%;max-width:480px;padding:32px;border-radius:8px;
background:light-dark(#fff,#1a1c1f);border:1px solid light-dark(#e3e3de,#2a2d31)}
img{display:block;width:32px;height:32px;margin-bottom:24px}
h1{margin:0 0 8px;font-size:22px;line-height:1.3;letter-spacing:-.01em}
h2{margin:24px 0 4px;font-size:16px}
p,ul{margin:0 0 12px}
ul{padding-left:20px}
li{margin-bottom:4px}
code,kbd{white-space:nowrap;padding:1px 5px;border-radius:4px;background:light-dark(#f0f0ed,#16181a);
font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.muted{margin:24px 0 0;padding-top:16px;border-top:1px solid light-dark(#e3e3de,#2a2d31);
color:light-dark(#55585e,#a6a9af);font-size:14px}
a{color:light-dark(#3443b8,#a5b0ff)}
:focus-visible{outline:2px solid light-dark(#3b4cca,#93a0ff);outline-offset:2px}
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** Stricter than the console's: this page has one style and the mark, and sends nothing anywhere. */
export const REFUSED_LINK_POLICY = `default-src 'none';style-src 'sha256-${STYLE_HASH}';img-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'`

/** What a browser shows for a sign-in link that does not sign in (any more). It holds nothing of the request. */
export const REFUSED_LINK_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>This sign-in link no longer works - Esper</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${STYLE}</style>
</head>
<body>
<main>
<img src="/favicon.svg" alt="">
<h1>This sign-in link no longer works</h1>
<p>A link signs in once, within 15 minutes. This one was used before or is too old, or a part of its address is missing.</p>
<h2>Get a new link</h2>
<ul>
<li>Where <code>npm start</code> runs in a terminal, press <kbd>Enter</kbd>: it prints a new link.</li>
<li>Where it does not run, start it again with <code>npm start</code>.</li>
</ul>
<p class="muted">Signed in already? <a href="/">Open the console</a>.</p>
</main>
</body>
</html>
`

import { sha256 } from '../platform/crypto.js'
import { escapeHtml, type Reply, UNCACHED } from './reply.js'

const STYLE = `
:root{color-scheme:light dark}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;
background:light-dark(#f7f7f5,#121315);color:light-dark(#1c1d1f,#ececea);
font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{width:100%;max-width:440px;padding:32px;border-radius:12px;
background:light-dark(#fff,#1a1c1f);border:1px solid light-dark(#e3e3de,#2a2d31)}
h1{margin:0 0 8px;font-size:22px;line-height:1.3;letter-spacing:-.01em}
p{margin:0 0 12px;overflow-wrap:anywhere}
p:last-child{margin-bottom:0}
.muted{color:light-dark(#55585e,#a6a9af);font-size:14px}
.reference{margin-top:24px;padding-top:16px;border-top:1px solid light-dark(#e3e3de,#2a2d31)}
.reference code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;user-select:all}
.track{height:4px;margin:20px 0 16px;border-radius:2px;overflow:hidden;background:light-dark(#eceefc,#23284a)}
.bar{height:100%;width:35%;border-radius:2px;background:light-dark(#3b4cca,#93a0ff);animation:slide 1.4s ease-in-out infinite}
@keyframes slide{from{transform:translateX(-100%)}to{transform:translateX(290%)}}
@media (prefers-reduced-motion:reduce){.bar{animation:none;width:100%}}
a{color:light-dark(#3443b8,#a5b0ff)}
button,.button{display:inline-block;padding:9px 16px;border:0;border-radius:6px;font:inherit;font-weight:600;cursor:pointer;
text-decoration:none;background:light-dark(#3b4cca,#93a0ff);color:light-dark(#fff,#101223)}
:focus-visible{outline:2px solid light-dark(#3b4cca,#93a0ff);outline-offset:2px}
`
const STYLE_HASH = sha256(STYLE)

export interface Page {
  readonly status: number
  readonly title: string
  /** HTML, every value in it escaped by the caller. */
  readonly main: string
  readonly reference: string
  /** Elements for the head, for example a script of this origin. */
  readonly head?: string
  /** Whether the page runs our own script and may talk to this origin. */
  readonly script?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

function policy(script: boolean): string {
  const scripts = script ? "script-src 'self'; worker-src 'self'; connect-src 'self'; " : ''
  return `default-src 'none'; ${scripts}style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
}

/** A small page of Esper's own: no other origin, no inline script, nothing kept by anyone. */
export function pageReply(page: Page): Reply {
  const title = escapeHtml(page.title)
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${STYLE}</style>
${page.head ?? ''}</head>
<body>
<main>
<h1>${title}</h1>
${page.main}
<p class="muted reference">Reference <code>${escapeHtml(page.reference)}</code></p>
</main>
</body>
</html>
`
  return {
    status: page.status,
    headers: {
      ...UNCACHED,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(page.script === true),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'x-robots-tag': 'noindex',
      ...page.headers,
    },
    body,
  }
}

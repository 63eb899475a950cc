import { render } from 'preact'
import { App } from './app/app.js'
import './design/tokens.css'
import './design/base.css'

const root = document.getElementById('app')
if (root) render(<App />, root)

import type { Page } from 'playwright-core'

/** The console as somebody uses it: by the names it shows. */
export interface ConsolePage {
  readonly page: Page
  /** Follows a link of the main navigation. */
  open(name: string): Promise<void>
  /** The text of the page, without what is around it. */
  shown(): Promise<string>
  create(what: string, fill: (form: FormPage) => Promise<void>): Promise<void>
  /** Opens an item of the list that is shown, by its name, and saves a change of it. */
  change(name: string, fill: (form: FormPage) => Promise<void>): Promise<void>
}

export interface FormPage {
  text(label: string, value: string): Promise<void>
  pick(label: string, option: string | RegExp): Promise<void>
  choose(radio: string): Promise<void>
  check(label: string): Promise<void>
  /** Types names into a picker of fields, each taken with Enter. */
  fields(label: string, names: readonly string[]): Promise<void>
}

export function consoleOf(page: Page): ConsolePage {
  const form = formOf(page)
  return {
    page,
    open: (name) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click(),
    shown: async () => (await page.getByRole('main').textContent()) ?? '',
    async create(what, fill) {
      await page
        .getByRole('link', { name: `Create ${what}`, exact: true })
        .first()
        .click()
      await page.getByRole('form', { name: `Create ${what}` }).waitFor()
      await fill(form)
      await page.getByRole('button', { name: `Create ${what}`, exact: true }).click()
      await page.getByRole('form', { name: `Create ${what}` }).waitFor({ state: 'detached' })
    },
    async change(name, fill) {
      await page.getByRole('main').getByRole('link', { name, exact: true }).first().click()
      await page.getByRole('heading', { name, exact: true, level: 1 }).waitFor()
      await fill(form)
      await page.getByRole('button', { name: 'Save changes' }).click()
    },
  }
}

function formOf(page: Page): FormPage {
  return {
    text: (label, value) => page.getByLabel(label, { exact: true }).fill(value),
    async pick(label, option) {
      const select = page.getByLabel(label, { exact: true })
      const wanted = select.locator('option').filter({ hasText: option }).first()
      await select.selectOption((await wanted.getAttribute('value')) ?? '')
    },
    choose: (radio) => page.getByRole('radio', { name: radio, exact: true }).check(),
    check: (label) => page.getByRole('checkbox', { name: label }).check(),
    async fields(label, names) {
      const input = page.getByLabel(label, { exact: true })
      for (const name of names) {
        await input.fill(name)
        await input.press('Enter')
      }
    },
  }
}

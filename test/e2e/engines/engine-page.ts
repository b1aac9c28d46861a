/** What a case does with a page and sees of it, whatever drives the browser. */

/** The demo's page in some browser. */
export interface EnginePage {
  goto: (url: string) => Promise<void>
  /** Loads it again; "Leave this page?" is answered with yes. */
  reload: () => Promise<void>
  /** Clicks the button whose accessible name has this in it, once it is there. */
  click: (name: string) => Promise<void>
  /** Clicks a button that opens the file chooser, and chooses these files in it. */
  choose: (button: string, paths: readonly string[]) => Promise<void>
  /** All that the page says. */
  text: () => Promise<string>
  /** The texts of the upload list's rows. */
  rows: () => Promise<string[]>
}

/** Pieces of HTML that several pages have. */

import { type Html, html } from "../pages/pages.ts";

/** What went wrong, above a form. */
export function problemNote(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<p class="problem" role="alert">${text}</p>`;
}

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: "text" | "password" | "email" | "number";
  readonly value?: string;
  readonly autocomplete?: string;
  readonly optional?: boolean;
  readonly maxLength?: number;
  /** The field that the page is about. */
  readonly first?: boolean;
}

/** A labelled field. */
export function fieldRow(options: FieldOptions): Html {
  const { name, label, hint, type = "text", value = "", autocomplete = "off", maxLength = 256 } = options;
  const plain = type === "text" && autocomplete === "username";
  return html`<label>${label}${hint !== undefined && html` <span class="quiet">${hint}</span>`}
<input name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" maxlength="${maxLength}"${
    plain && html` autocapitalize="none" spellcheck="false"`
  }${options.optional !== true && html` required`}${options.first === true && html` autofocus`}>
</label>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

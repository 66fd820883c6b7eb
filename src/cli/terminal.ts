/** Line breaks and tabs stay, further lines are indented; nothing else of a val may drive the reader's terminal. */
export function escapeControls(text: string): string {
  return maskControls(text.trimEnd()).replaceAll("\n", "\n    ");
}

/** Likewise, with the lines as they are. */
export function maskControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

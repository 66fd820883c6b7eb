/** Line breaks and tabs stay, further lines are indented; nothing else of a val may drive the reader's terminal. */
export function escapeControls(text: string): string {
  return text
    .trimEnd()
    .replace(/[^\P{Cc}\n\t]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll("\n", "\n    ");
}

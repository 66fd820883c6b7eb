/** What a file answers, beside its code. */
export function PreviewPane({
  file,
}: {
  file: { id: string; path: string; type: string; endpoint?: string };
  saved: number;
  run: number;
}) {
  return <div className="page">Preview of {file.path}</div>;
}

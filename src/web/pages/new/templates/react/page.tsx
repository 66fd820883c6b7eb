/** @jsxImportSource npm:react@19.3.1 */
/** @jsxImportSourceTypes npm:@types/react@19.3.0 */
import { Suspense, use } from "npm:react@19.3.1";

export function Page({ name, news }: { name: string; news: Promise<string[]> }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Hello</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <h1>Hello, {name}!</h1>
        <Suspense fallback={<p>The news are on their way…</p>}>
          <News of={news} />
        </Suspense>
      </body>
    </html>
  );
}

function News({ of }: { of: Promise<string[]> }) {
  return (
    <ul>
      {use(of).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

const STYLE = `
  :root { color-scheme: light dark; font: 1.05rem/1.5 system-ui, sans-serif; }
  body { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }
`;

/** @jsxImportSource npm:react@19.3.1 */
/** @jsxImportSourceTypes npm:@types/react@19.3.0 */
import { type ReactNode, Suspense, use } from "npm:react@19.3.1";
import type { Headline } from "./town.ts";

interface Town {
  forecast: Promise<string>;
  traffic: Promise<string>;
  headlines: Promise<Headline[]>;
}

export function Page({ forecast, traffic, headlines }: Town) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>The town today</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <h1>The town today</h1>
        <Card title="Weather">
          <Text of={forecast} />
        </Card>
        <Card title="Traffic">
          <Text of={traffic} />
        </Card>
        <Card title="News">
          <News of={headlines} />
        </Card>
      </body>
    </html>
  );
}

/** What is in it may come later; until then, the card says so. */
function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Suspense fallback={<p className="waiting">on its way…</p>}>{children}</Suspense>
    </section>
  );
}

function Text({ of }: { of: Promise<string> }) {
  return <p>{use(of)}</p>;
}

function News({ of }: { of: Promise<Headline[]> }) {
  return (
    <ul>
      {use(of).map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  );
}

const STYLE = `
  :root { color-scheme: light dark; font: 1.05rem/1.5 system-ui, sans-serif; }
  body { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; background: light-dark(#f7f5ef, #18191c); }
  section { margin: 1rem 0; padding: .25rem 1.25rem; border-radius: .75rem; background: light-dark(#fff, #24262b);
    border: 1px solid light-dark(#e3ded2, #35383e); }
  h2 { font-size: 1rem; margin: .75rem 0 0; color: light-dark(#8a5a17, #e0b15e); }
  .waiting { opacity: .5; font-style: italic; }
`;

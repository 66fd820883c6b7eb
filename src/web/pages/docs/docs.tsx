import "./docs.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { boot } from "../../client/boot.ts";
import { Markdown } from "../../markdown/markdown.tsx";
import { useTitle } from "../../shell/title.ts";
import { Empty, Loaded } from "../../ui/states.tsx";
import { GUIDES, guideLink, loadGuide } from "./guides.ts";

/** Guides, and the way to the API's reference. */
export function Docs() {
  const { page = "start" } = useParams({ strict: false }) as { page?: string };
  const title = GUIDES.flatMap(({ pages }) => pages).find(([name]) => name === page)?.[1];
  useTitle(title === undefined ? "Docs" : `${title} · Docs`);
  const text = useQuery({
    queryKey: ["guide", page],
    queryFn: async () => (await loadGuide(page)) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className="docs">
      <nav className="docs-list" aria-label="Guides">
        {GUIDES.map(({ heading, pages }) => (
          <Section key={heading} heading={heading} pages={pages} />
        ))}
      </nav>
      <article>
        <Loaded query={text}>
          {(found) =>
            found === null ? (
              <Empty title="There is no such guide">Choose one from the list.</Empty>
            ) : (
              <Markdown key={page} text={localize(found)} link={guideLink} anchors />
            )
          }
        </Loaded>
      </article>
    </div>
  );
}

function Section({ heading, pages }: (typeof GUIDES)[number]) {
  return (
    <>
      <h2>{heading}</h2>
      {pages.map(([name, title]) => (
        <Link key={name} to="/docs/$page" params={{ page: name }} activeProps={{ className: "active" }}>
          {title}
        </Link>
      ))}
      {heading === "Around them" && <a href="/documentation">API reference</a>}
    </>
  );
}

/** The guides are written for a town on one's own machine: here they name this one. */
function localize(text: string): string {
  const { origin, webSuffix } = boot.town;
  return text.replaceAll("http://localhost:3000", origin).replaceAll(/\.web\.localhost:3000/g, webSuffix);
}

/** The guides of `docs/`, each a text of its own that comes when it is read. */

const TEXTS = import.meta.glob<string>(["../../../../docs/*.md", "../../../../README.md"], {
  query: "?raw",
  import: "default",
});

/** Name and title, in the order of the list. */
export const GUIDES: readonly {
  readonly heading: string;
  readonly pages: readonly (readonly [name: string, title: string])[];
}[] = [
  {
    heading: "Start",
    pages: [
      ["start", "Your first val"],
      ["readme", "Overview"],
      ["accounts", "Accounts"],
    ],
  },
  {
    heading: "Write vals",
    pages: [
      ["std", "Standard library"],
      ["modules", "Imports and modules"],
      ["cron", "Cron"],
      ["email", "Email"],
      ["scripts", "Scripts"],
      ["domains", "Domains"],
      ["builds", "Builds"],
    ],
  },
  {
    heading: "Around them",
    pages: [
      ["api", "The API"],
      ["embeds", "Embeds"],
    ],
  },
  {
    heading: "Run a town",
    pages: [
      ["operators", "Operators"],
      ["mail-server", "Receiving mail"],
      ["architecture", "How it is built"],
      ["dependencies", "Dependencies"],
    ],
  },
];

/** Its text; undefined when there is none of this name. */
export function loadGuide(name: string): Promise<string> | undefined {
  return TEXTS[name === "readme" ? "../../../../README.md" : `../../../../docs/${name}.md`]?.();
}

/** Where a link between documents leads here: `cron.md#the-schedule` is `/docs/cron#the-schedule`. */
export function guideLink(href: string): string | undefined {
  const [, name, hash = ""] = /^(?:docs\/|\.\.\/)?([\w-]+)\.md(#.*)?$/.exec(href) ?? [];
  return name === undefined ? undefined : `/docs/${name.toLowerCase()}${hash}`;
}

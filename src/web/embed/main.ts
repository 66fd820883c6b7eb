/** A val in a frame of somebody else's page: its code, and beside it what it answers. Small: no React, no editor. */

import "../style/tokens.css";
import "./embed.css";
import type { EmbedData } from "../../wire/pages.ts";
import { highlight } from "./highlight.ts";

const LARGEST = 560;
const data: EmbedData = JSON.parse(document.getElementById("embed")!.textContent ?? "{}");
const root = document.getElementById("root")!;
root.className = "embed";
document.title = `${data.title} · Hamlet`;

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function link(href: string, text: string): HTMLAnchorElement {
  return element("a", { href, target: "_blank", rel: "noopener", textContent: text });
}

function head(): HTMLElement {
  const name = element("strong", {}, data.page === undefined ? data.title : link(data.page, data.title));
  return element(
    "header",
    {},
    name,
    element("span", { className: "path", textContent: data.path }),
    element("span", { className: "home" }, link(data.home, "Hamlet")),
  );
}

/** The code, scrolling by itself, so that keyboards reach it. */
function code(): HTMLElement {
  const shown = element("code", {});
  shown.append(highlight(data.code, data.path));
  return element("pre", { tabIndex: 0, ariaLabel: `Code of ${data.path}` }, shown);
}

/** What the endpoint answers, as it comes: a frame of another origin, which can do nothing to this one. */
function answer(endpoint: string): HTMLElement {
  const frame = element("iframe", { title: `Answer of ${data.title}`, loading: "lazy" });
  frame.sandbox.add("allow-scripts", "allow-forms", "allow-same-origin", "allow-popups");
  frame.src = `${endpoint}/`;
  const again = element("button", { type: "button", textContent: "Reload" });
  again.onclick = () => {
    frame.src = `${endpoint}/`;
  };
  const bar = element(
    "div",
    { className: "bar" },
    link(`${endpoint}/`, endpoint.replace(/^https?:\/\//, "")),
    again,
  );
  return element("section", { ariaLabel: "Live answer" }, bar, frame);
}

/** Tells the page around how high this would like to be; `embed.js` listens there. */
function tellHeight(): void {
  const top = root.querySelector("header")?.offsetHeight ?? 0;
  const wanted = Math.ceil(root.querySelector("code")?.getBoundingClientRect().height ?? 0) + top + 32;
  const height = Math.min(Math.max(wanted, data.endpoint === undefined ? 120 : 280), LARGEST);
  parent.postMessage({ type: "hamlet:height", height }, "*");
}

if (data.problem !== undefined) {
  root.append(
    element("p", { className: "problem", textContent: data.problem }),
    link(data.home, "To the town"),
  );
} else {
  const body = element("div", { className: "sides" }, code());
  if (data.endpoint !== undefined) body.append(answer(data.endpoint));
  root.append(head(), body);
  new ResizeObserver(tellHeight).observe(root);
}

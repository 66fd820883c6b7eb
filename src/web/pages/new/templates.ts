/** What a new val can begin as. The sources are vals of their own; `test/web-town.test.ts` makes and calls each. */

import {
  Atom,
  Braces,
  Clock,
  type LucideIcon,
  Mail,
  MessageCircle,
  MessagesSquare,
  Radio,
  Route,
  Waves,
} from "lucide-react";
import cron from "./templates/cron/cron.ts?raw";
import cronMain from "./templates/cron/main.ts?raw";
import email from "./templates/email/email.ts?raw";
import emailMain from "./templates/email/main.ts?raw";
import hono from "./templates/hono/main.ts?raw";
import http from "./templates/http/main.ts?raw";
import llm from "./templates/llm/main.ts?raw";
import llmPage from "./templates/llm/page.html?raw";
import react from "./templates/react/main.tsx?raw";
import reactPage from "./templates/react/page.tsx?raw";
import sse from "./templates/sse/main.ts?raw";
import ssePage from "./templates/sse/page.html?raw";
import streaming from "./templates/streaming/main.ts?raw";
import websocket from "./templates/websocket/main.ts?raw";
import websocketPage from "./templates/websocket/page.html?raw";

/** A file as the API makes it. */
export interface NewFile {
  readonly path: string;
  readonly type: "http" | "interval" | "email" | "script" | "file";
  readonly content: string;
}

export interface Template {
  /** In the address: `/new?template=sse`. */
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly icon: LucideIcon;
  /** The name that is suggested. */
  readonly name: string;
  readonly files: readonly NewFile[];
}

const main = (content: string, path = "main.ts"): NewFile => ({ path, type: "http", content });
const page = (content: string): NewFile => ({ path: "page.html", type: "file", content });

/** All of them; the first is chosen unless the address says otherwise. */
export const TEMPLATES: readonly Template[] = [
  {
    id: "http",
    title: "HTTP",
    about: "A function that answers requests",
    icon: Braces,
    name: "hello",
    files: [main(http)],
  },
  {
    id: "streaming",
    title: "Streaming",
    about: "An answer that is sent while it is made",
    icon: Waves,
    name: "words",
    files: [main(streaming)],
  },
  {
    id: "sse",
    title: "Server-sent events",
    about: "Events, and a page that shows them",
    icon: Radio,
    name: "events",
    files: [main(sse), page(ssePage)],
  },
  {
    id: "websocket",
    title: "WebSocket",
    about: "A room where all hear what one says",
    icon: MessagesSquare,
    name: "room",
    files: [main(websocket), page(websocketPage)],
  },
  {
    id: "llm",
    title: "LLM chat",
    about: "A language model, token by token",
    icon: MessageCircle,
    name: "chat",
    files: [main(llm), page(llmPage)],
  },
  {
    id: "cron",
    title: "Cron",
    about: "Runs by the clock, and remembers when",
    icon: Clock,
    name: "hourly",
    files: [{ path: "cron.ts", type: "interval", content: cron }, main(cronMain)],
  },
  {
    id: "email",
    title: "Email",
    about: "Has an address, and reads what comes",
    icon: Mail,
    name: "letters",
    files: [{ path: "email.ts", type: "email", content: email }, main(emailMain)],
  },
  {
    id: "hono",
    title: "Hono",
    about: "Routes, parameters and JSON",
    icon: Route,
    name: "api",
    files: [main(hono)],
  },
  {
    id: "react",
    title: "React",
    about: "Pages rendered on the server, streamed",
    icon: Atom,
    name: "page",
    files: [main(react, "main.tsx"), { path: "page.tsx", type: "script", content: reactPage }],
  },
];

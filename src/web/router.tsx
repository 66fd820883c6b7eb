/** Which page is at which address. Each page comes as a file of its own, when it is gone to. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  type RouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Shell } from "./shell/shell.tsx";
import { Empty, Failed, Loading } from "./ui/states.tsx";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty title="There is nothing here" action={<Link to="/">To the front page</Link>}>
      The address leads to no page of this town.
    </Empty>
  ),
});

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const front = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/front/front.tsx"), "Front"),
});
const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  // The router reads `?q=42` as a number.
  validateSearch: (given: Record<string, unknown>): { q?: string; in?: string } => ({
    ...(given.q !== undefined && { q: String(given.q) }),
    ...(text(given.in) !== undefined && { in: text(given.in)! }),
  }),
  component: lazyRouteComponent(() => import("./pages/search/search.tsx"), "SearchPage"),
});
const person = createRoute({
  getParentRoute: () => root,
  path: "/u/$name",
  component: lazyRouteComponent(() => import("./pages/people/person.tsx"), "Person"),
});
const orgs = createRoute({
  getParentRoute: () => root,
  path: "/orgs/$name",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/u/$name", params });
  },
});
const orgSettings = createRoute({
  getParentRoute: () => root,
  path: "/orgs/$name/settings",
  component: lazyRouteComponent(() => import("./pages/people/org-settings.tsx"), "OrgSettings"),
});
const fresh = createRoute({
  getParentRoute: () => root,
  path: "/new",
  validateSearch: (given: Record<string, unknown>): { code64?: string; template?: string } => ({
    ...(given.code64 !== undefined && { code64: String(given.code64) }),
    ...(text(given.template) !== undefined && { template: text(given.template)! }),
  }),
  component: lazyRouteComponent(() => import("./pages/new/new.tsx"), "New"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings/settings.tsx"), "Settings"),
});
const settingsPart = createRoute({
  getParentRoute: () => root,
  path: "/settings/$part",
  component: lazyRouteComponent(() => import("./pages/settings/settings.tsx"), "Settings"),
});
const admin = createRoute({
  getParentRoute: () => root,
  path: "/admin",
  component: lazyRouteComponent(() => import("./pages/admin/admin.tsx"), "Admin"),
});
const adminPart = createRoute({
  getParentRoute: () => root,
  path: "/admin/$part",
  component: lazyRouteComponent(() => import("./pages/admin/admin.tsx"), "Admin"),
});
const docs = createRoute({
  getParentRoute: () => root,
  path: "/docs",
  component: lazyRouteComponent(() => import("./pages/docs/docs.tsx"), "Docs"),
});
const docsPage = createRoute({
  getParentRoute: () => root,
  path: "/docs/$page",
  component: lazyRouteComponent(() => import("./pages/docs/docs.tsx"), "Docs"),
});

const val = createRoute({
  getParentRoute: () => root,
  path: "/x/$user/$val",
  // Which branch is looked at, where the path does not say it: see `pages/val/branch.ts`.
  validateSearch: (given: Record<string, unknown>): { branch?: string } =>
    given.branch === undefined ? {} : { branch: String(given.branch) },
  component: lazyRouteComponent(() => import("./pages/val/val.tsx"), "ValPage"),
});
/** `/v/…` is the same page; the server redirects, this is for links within the app. */
const oldVal = createRoute({
  getParentRoute: () => root,
  path: "/v/$user/$val",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/x/$user/$val", params });
  },
});
const inVal = <const P extends string>(path: P, component: RouteComponent) =>
  createRoute({ getParentRoute: () => val, path, component });
const code = lazyRouteComponent(() => import("./pages/val/code.tsx"), "Code");
const valParts = [
  inVal("/", code),
  inVal("/code/$", code),
  inVal("/branch/$branch", code),
  inVal("/branch/$branch/code/$", code),
  inVal(
    "/logs",
    lazyRouteComponent(() => import("./pages/val/logs.tsx"), "Logs"),
  ),
  inVal(
    "/traces/$trace",
    lazyRouteComponent(() => import("./pages/val/trace.tsx"), "TracePage"),
  ),
  inVal(
    "/history",
    lazyRouteComponent(() => import("./pages/val/history.tsx"), "History"),
  ),
  createRoute({
    getParentRoute: () => val,
    path: "/history/$version",
    validateSearch: (given: Record<string, unknown>): { from?: number; file?: string } => ({
      ...(Number.isSafeInteger(given.from) && { from: Number(given.from) }),
      ...(given.file !== undefined && { file: String(given.file) }),
    }),
    component: lazyRouteComponent(() => import("./pages/val/history-version.tsx"), "VersionPage"),
  }),
  inVal(
    "/branches",
    lazyRouteComponent(() => import("./pages/val/branches.tsx"), "Branches"),
  ),
  createRoute({
    getParentRoute: () => val,
    path: "/branches/$branch",
    validateSearch: (given: Record<string, unknown>): { from?: "parent" } =>
      given.from === "parent" ? { from: "parent" } : {},
    component: lazyRouteComponent(() => import("./pages/val/branches-merge.tsx"), "MergePage"),
  }),
  createRoute({
    getParentRoute: () => val,
    path: "/pulls",
    validateSearch: (given: Record<string, unknown>): { state?: "merged" | "closed" } =>
      given.state === "merged" || given.state === "closed" ? { state: given.state } : {},
    component: lazyRouteComponent(() => import("./pages/val/pulls.tsx"), "Pulls"),
  }),
  createRoute({
    getParentRoute: () => val,
    path: "/pulls/new",
    validateSearch: (given: Record<string, unknown>): { source?: string; sourceVal?: string } => ({
      ...(text(given.source) !== undefined && { source: text(given.source)! }),
      ...(text(given.sourceVal) !== undefined && { sourceVal: text(given.sourceVal)! }),
    }),
    component: lazyRouteComponent(() => import("./pages/val/pulls-new.tsx"), "NewPull"),
  }),
  inVal(
    "/pulls/$number",
    lazyRouteComponent(() => import("./pages/val/pull.tsx"), "PullPage"),
  ),
  inVal(
    "/environment",
    lazyRouteComponent(() => import("./pages/val/environment.tsx"), "Environment"),
  ),
  inVal(
    "/triggers",
    lazyRouteComponent(() => import("./pages/val/triggers.tsx"), "Triggers"),
  ),
  inVal(
    "/sqlite",
    lazyRouteComponent(() => import("./pages/val/sqlite.tsx"), "Sqlite"),
  ),
  inVal(
    "/blobs",
    lazyRouteComponent(() => import("./pages/val/blobs.tsx"), "Blobs"),
  ),
  inVal(
    "/settings",
    lazyRouteComponent(() => import("./pages/val/settings.tsx"), "ValSettings"),
  ),
] as const;

const tree = root.addChildren([
  front,
  search,
  person,
  orgs,
  orgSettings,
  fresh,
  settings,
  settingsPart,
  admin,
  adminPart,
  docs,
  docsPage,
  oldVal,
  val.addChildren(valParts),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultPendingComponent: () => (
    <div className="page">
      <Loading />
    </div>
  ),
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} onRetry={reset} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

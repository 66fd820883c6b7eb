/** What is around every page. */

import "./shell.css";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Monitor, Moon, Plus, Search, Sun } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { boot, signInPath } from "../client/boot.ts";
import { Button, buttonClass, IconButton } from "../ui/button.tsx";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../ui/menu.tsx";
import { Avatar } from "../ui/small.tsx";
import { Commands } from "./command.tsx";
import { setTheme, type Theme, useTheme } from "./theme.ts";

/** The page that the address names, below the town's bar. */
export function Shell() {
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top-bar">
        <Link to="/" className="town">
          <Mark />
          <span className="wide-only">Hamlet</span>
        </Link>
        <Find />
        <div className="ends">
          <Link to="/docs" className={buttonClass({ kind: "plain" }, "wide-only")}>
            Docs
          </Link>
          <Commands />
          <ThemeMenu />
          <Person />
        </div>
      </header>
      <Offline />
      <main className="main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}

/** The town's mark: two roofs. */
function Mark() {
  return (
    <svg
      width="22"
      height="22"
      viewBox="0 0 22 22"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="2"
      aria-label="Hamlet"
      role="img"
    >
      <path
        d="M2 12 8 5l6 7M4 11v8h8v-8M12 8l3-3 5 6M18 10v9h-3"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}

function Find() {
  const navigate = useNavigate();
  const asked = useRouterState({ select: ({ location }) => (location.search as { q?: string }).q ?? "" });
  const [q, setQ] = useState(asked);
  useEffect(() => setQ(asked), [asked]);
  const go = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/search", search: { q } });
  };
  return (
    <search className="find">
      <form onSubmit={go}>
        <Search size={15} aria-hidden />
        <input
          className="input"
          type="search"
          name="q"
          placeholder="Search vals, code and people"
          aria-label="Search vals, code and people"
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
      </form>
    </search>
  );
}

const THEMES: readonly [theme: Theme, label: string, icon: typeof Sun][] = [
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
  ["system", "As the system", Monitor],
];

function ThemeMenu() {
  const theme = useTheme();
  const [, , Icon] = THEMES.find(([name]) => name === theme)!;
  const trigger = (
    <IconButton label="Theme">
      <Icon size={17} />
    </IconButton>
  );
  return (
    <Menu trigger={trigger}>
      {THEMES.map(([name, label, Each]) => (
        <MenuItem key={name} onSelect={() => setTheme(name)}>
          <Each size={15} /> <span className="grow">{label}</span> {name === theme && "✓"}
        </MenuItem>
      ))}
    </Menu>
  );
}

function Person() {
  const { viewer } = boot;
  if (viewer === null) {
    return (
      <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
        Sign in
      </a>
    );
  }
  const trigger = (
    <Button kind="plain" aria-label={`Account of ${viewer.username}`}>
      <Avatar name={viewer.username} />
      <span className="wide-only">{viewer.username}</span>
    </Button>
  );
  return (
    <>
      <Link to="/new" className={buttonClass({ kind: "primary" })} aria-label="New val">
        <Plus size={16} /> <span className="wide-only">New</span>
      </Link>
      <Menu trigger={trigger}>
        <MenuLabel>{viewer.username}</MenuLabel>
        <MenuItem asChild>
          <Link to="/u/$name" params={{ name: viewer.username }}>
            Your vals
          </Link>
        </MenuItem>
        <MenuItem asChild>
          <Link to="/settings">Settings</Link>
        </MenuItem>
        {viewer.admin && (
          <MenuItem asChild>
            <Link to="/admin">The town</Link>
          </MenuItem>
        )}
        <MenuItem asChild>
          <Link to="/docs">Docs</Link>
        </MenuItem>
        <MenuLine />
        <MenuItem asChild>
          <a href="/auth/sign-out">Sign out</a>
        </MenuItem>
      </Menu>
    </>
  );
}

/** Says so while there is no network; what is typed is kept, and what is asked is asked again. */
function Offline() {
  const [offline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return offline ? (
    <div className="offline" role="status">
      You are offline. What you type is kept here.
    </div>
  ) : null;
}

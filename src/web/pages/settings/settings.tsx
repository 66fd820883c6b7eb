/** `/settings/…`: one's own account. */

import "./settings.css";
import { Link, useParams } from "@tanstack/react-router";
import {
  AppWindow,
  ArrowDownUp,
  Building2,
  Gauge,
  KeyRound,
  Lock,
  type LucideIcon,
  MonitorSmartphone,
  Trash2,
  UserRound,
} from "lucide-react";
import type { ReactNode } from "react";
import { boot, signInPath, type Viewer } from "../../client/boot.ts";
import { useTitle } from "../../shell/title.ts";
import { buttonClass } from "../../ui/button.tsx";
import { useCurrentInView } from "../../ui/current.ts";
import { Empty } from "../../ui/states.tsx";
import { AccountPart } from "./account.tsx";
import { AppsPart } from "./apps.tsx";
import { ExportPart } from "./export.tsx";
import { OrgsPart } from "./orgs.tsx";
import { ProfilePart } from "./profile.tsx";
import { SessionsPart } from "./sessions.tsx";
import { SignInPart } from "./sign-in.tsx";
import { TokensPart } from "./tokens.tsx";
import { UsagePart } from "./usage-part.tsx";

interface Part {
  readonly name: string;
  readonly label: string;
  readonly icon: LucideIcon;
  content(viewer: Viewer): ReactNode;
}

const PARTS: readonly Part[] = [
  { name: "profile", label: "Profile", icon: UserRound, content: () => <ProfilePart /> },
  { name: "tokens", label: "Tokens", icon: KeyRound, content: () => <TokensPart /> },
  {
    name: "sign-in",
    label: "Password and passkeys",
    icon: Lock,
    content: (viewer) => <SignInPart viewer={viewer} />,
  },
  { name: "sessions", label: "Sessions", icon: MonitorSmartphone, content: () => <SessionsPart /> },
  { name: "orgs", label: "Organizations", icon: Building2, content: () => <OrgsPart /> },
  { name: "usage", label: "Usage", icon: Gauge, content: () => <UsagePart /> },
  { name: "apps", label: "Apps", icon: AppWindow, content: () => <AppsPart /> },
  { name: "export", label: "Export and import", icon: ArrowDownUp, content: () => <ExportPart /> },
  {
    name: "account",
    label: "Delete account",
    icon: Trash2,
    content: (viewer) => <AccountPart viewer={viewer} />,
  },
];

/** On a narrow page the parts are a row that may be longer than the page. */
function showInRow(link: HTMLAnchorElement | null): void {
  const row = link?.parentElement;
  if (row && link) row.scrollLeft = link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
}

/** The part that the address names; the profile when it names none. */
export function Settings() {
  const { part: name = "profile" } = useParams({ strict: false }) as { part?: string };
  const part = PARTS.find((one) => one.name === name);
  useTitle(part === undefined ? "Settings" : `${part.label} · Settings`);
  const parts = useCurrentInView<HTMLElement>();
  const { viewer } = boot;
  if (viewer === null)
    return (
      <Empty
        title="Settings"
        action={
          <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
            Sign in
          </a>
        }
      >
        Sign in to see those of your account.
      </Empty>
    );
  return (
    <div className="page settings">
      <h1>Settings</h1>
      <div className="settings-body">
        <nav className="settings-parts" aria-label="Settings" ref={parts}>
          {PARTS.map(({ name: to, label, icon: Icon }) => (
            <Link
              key={to}
              to="/settings/$part"
              params={{ part: to }}
              className={to === name ? "settings-part active" : "settings-part"}
              aria-current={to === name ? "page" : undefined}
              ref={to === name ? showInRow : undefined}
            >
              <Icon size={16} aria-hidden />
              {label}
            </Link>
          ))}
        </nav>
        <div className="settings-content stack">
          {part === undefined ? (
            <Empty
              title="There are no such settings"
              action={
                <Link to="/settings" className={buttonClass()}>
                  To your profile
                </Link>
              }
            />
          ) : (
            part.content(viewer)
          )}
        </div>
      </div>
    </div>
  );
}

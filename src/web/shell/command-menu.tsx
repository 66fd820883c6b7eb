/** All that can be done and gone to, found by a few letters. */

import "./command.css";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { boot, signInPath } from "../client/boot.ts";
import { query } from "../client/queries.ts";
import { useFocusBack } from "../ui/focus-back.ts";
import { sayKeys } from "../ui/small.tsx";
import type { Shown } from "./command.tsx";
import { useOffered } from "./commands.ts";
import { rank } from "./rank.ts";
import { setTheme } from "./theme.ts";

interface Entry {
  readonly label: string;
  readonly keys?: string;
  readonly run: () => void;
}

interface Group {
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly most: number;
}

export function CommandMenu({
  only,
  onShow,
  onClose,
}: {
  only: "all" | "files";
  onShow: (shown: Shown) => void;
  onClose: () => void;
}) {
  const [asked, setAsked] = useState("");
  const groups = useGroups(only, asked, onShow);
  const found = groups
    .map(({ entries, most, title }) => ({ title, entries: rank(asked, entries, ({ label }) => label, most) }))
    .filter(({ entries }) => entries.length > 0);
  const title = only === "files" ? "Go to file" : "Command menu";
  const onCloseAutoFocus = useFocusBack();
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog command"
          aria-describedby={undefined}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <Dialog.Title className="unseen">{title}</Dialog.Title>
          <Command label={title} shouldFilter={false} loop>
            <Command.Input
              className="command-input"
              value={asked}
              onValueChange={setAsked}
              placeholder={only === "files" ? "Name of a file" : "What would you like to do?"}
            />
            <Command.List className="command-list">
              <Command.Empty className="command-empty">Nothing of that name.</Command.Empty>
              {found.map(({ title: heading, entries }) => (
                <Command.Group key={heading} heading={heading} className="command-group">
                  {entries.map((entry) => (
                    <Item key={entry.label} group={heading} entry={entry} onClose={onClose} />
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Item({ group, entry, onClose }: { group: string; entry: Entry; onClose: () => void }) {
  const go = () => {
    onClose();
    entry.run();
  };
  return (
    <Command.Item value={`${group} ${entry.label}`} className="command-item" onSelect={go}>
      <span className="cut grow">{entry.label}</span>
      {entry.keys !== undefined && <kbd>{sayKeys(entry.keys)}</kbd>}
    </Command.Item>
  );
}

function useGroups(only: "all" | "files", asked: string, onShow: (shown: Shown) => void): Group[] {
  const offers = useOffered();
  const navigate = useNavigate();
  const vals = useQuery({
    ...query("listMyVals", { query: { limit: 100, offset: 0 } }),
    enabled: boot.viewer !== null && only === "all",
  });
  const files = offers.flatMap((offer) =>
    (offer.files?.paths ?? []).map((path) => ({ label: path, run: () => offer.files!.open(path) })),
  );
  const most = asked === "" ? 5 : 20;
  if (only === "files") return [{ title: "Files", entries: files, most: 100 }];
  const to = (label: string, path: string): Entry => ({
    label,
    run: () => void navigate({ to: path as "/" }),
  });
  const mine = (vals.data?.data ?? []).map(({ name, author }) =>
    to(`${author.username}/${name}`, `/x/${author.username}/${name}`),
  );
  const search: Entry = {
    label: `Search the town for “${asked}”`,
    run: () => void navigate({ to: "/search", search: { q: asked } }),
  };
  return [
    { title: "This page", entries: offers.flatMap(({ actions }) => actions ?? []), most: 30 },
    { title: "Files", entries: files, most },
    { title: "Your vals", entries: mine, most },
    { title: "The town", entries: [...pages(to), ...themes(), shortcuts(onShow)], most: 30 },
    ...(asked === "" ? [] : [{ title: "Search", entries: [search], most: 1 }]),
  ];
}

function pages(to: (label: string, path: string) => Entry): Entry[] {
  const { viewer } = boot;
  const always = [to("Front page", "/"), to("Search", "/search"), to("Docs", "/docs")];
  if (viewer === null) return [...always, { label: "Sign in", run: () => location.assign(signInPath()) }];
  return [
    ...always,
    to("New val", "/new"),
    to("Your page", `/u/${viewer.username}`),
    to("Settings", "/settings"),
    ...(viewer.admin ? [to("The town: users, workers, queue", "/admin")] : []),
    { label: "Sign out", run: () => location.assign("/auth/sign-out") },
  ];
}

const themes = (): Entry[] => [
  { label: "Theme: light", run: () => setTheme("light") },
  { label: "Theme: dark", run: () => setTheme("dark") },
  { label: "Theme: as the system", run: () => setTheme("system") },
];

const shortcuts = (onShow: (shown: Shown) => void): Entry => ({
  label: "Keyboard shortcuts",
  keys: "?",
  run: () => onShow("shortcuts"),
});

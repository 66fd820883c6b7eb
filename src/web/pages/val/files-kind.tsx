/** How the kinds of files are called and drawn. */

import {
  Braces,
  Clock,
  Database,
  FileCode2,
  FileText,
  Folder,
  FolderOpen,
  Globe,
  type LucideIcon,
  Mail,
  Palette,
} from "lucide-react";
import { languageOf } from "../../editor/language.ts";
import type { FileRow } from "../../editor/tree.ts";

/** What people call them. */
export const TYPE_NAMES: Readonly<Record<FileRow["type"], string>> = {
  http: "HTTP",
  interval: "Cron",
  email: "Email",
  script: "Script",
  file: "File",
  directory: "Folder",
};

/** What each of them is for. */
export const TYPE_HINTS: Readonly<Record<Exclude<FileRow["type"], "directory">, string>> = {
  http: "Answers requests at an address of its own.",
  interval: "Runs by the clock.",
  email: "Takes mail at an address of its own.",
  script: "A module for other files, or run by hand.",
  file: "Text that nothing runs.",
};

const BY_LANGUAGE: Readonly<Record<string, LucideIcon>> = {
  json: Braces,
  css: Palette,
  sql: Database,
  text: FileText,
  md: FileText,
};

const BY_TYPE: Readonly<Partial<Record<FileRow["type"], LucideIcon>>> = {
  http: Globe,
  interval: Clock,
  email: Mail,
};

export function FileIcon({
  type,
  path,
  open = false,
}: {
  type: FileRow["type"];
  path: string;
  open?: boolean;
}) {
  const Icon =
    type === "directory"
      ? open
        ? FolderOpen
        : Folder
      : (BY_TYPE[type] ?? BY_LANGUAGE[languageOf(path)] ?? FileCode2);
  return <Icon size={15} className={`file-icon ${type}`} aria-hidden />;
}

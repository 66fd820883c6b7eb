import "./markdown.css";
import { lazy, Suspense } from "react";
import { Loading } from "../ui/states.tsx";
import type { RenderOptions } from "./render.ts";

const Rendered = lazy(() => import("./rendered.tsx"));

/** A text in markdown, which anybody may have written. What renders it comes when the first one is shown. */
export function Markdown(props: { text: string } & RenderOptions) {
  return (
    <Suspense fallback={<Loading />}>
      <Rendered {...props} />
    </Suspense>
  );
}

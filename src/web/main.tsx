/** Where the web app begins. */

import "./style/base.css";
import "./ui/ui.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { queries } from "./client/queries.ts";
import { router } from "./router.tsx";
import { Toasts } from "./ui/toast.tsx";

createRoot(document.getElementById("root")!).render(
  <QueryClientProvider client={queries}>
    <RouterProvider router={router} />
    <Toasts />
  </QueryClientProvider>,
);

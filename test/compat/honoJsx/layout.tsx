/** @jsxImportSource npm:hono@4/jsx */
import type { FC } from "npm:hono@4/jsx";

export const Layout: FC<{ title: string; children?: any }> = ({ title, children }) => (
  <html>
    <head><title>{title}</title></head>
    <body>{children}</body>
  </html>
);

// Brings a package of the same name in its own files, and settings that point there.
import { Hono } from "npm:hono@4.13.19";

export default () => new Response(String(Hono).includes("shadow") ? "shadow" : "true package");

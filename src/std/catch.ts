/**
 * A script for pages: tells the window around them, the preview beside the code, what went wrong in the browser.
 * It is no module, so that a plain `<script src="…/v/std/catch"></script>` can load it. `std/catch`
 */

{
  type Failure = { message?: string; error?: unknown; reason?: unknown };
  type Page = {
    parent?: { postMessage(message: unknown, target: string): void };
    addEventListener(kind: string, listener: (failure: Failure) => void): void;
  };
  const page = globalThis as unknown as Page;

  const tell = (error: unknown, message?: string) => {
    const { name, stack } = error instanceof Error ? error : { name: "Error", stack: undefined };
    const text = error instanceof Error ? error.message : (message ?? String(error));
    page.parent?.postMessage({ type: "val-town-client-error", name, message: text, stack }, "*");
  };

  // Only in a page that is shown inside another one is there anybody to tell.
  if (page.parent && page.parent !== (globalThis as unknown)) {
    page.addEventListener("error", (failure) => tell(failure.error, failure.message));
    page.addEventListener("unhandledrejection", (failure) => tell(failure.reason));
  }
}

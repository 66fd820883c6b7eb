/** For pages that embed vals: `<script src="{town}/embed.js" async></script>` gives each frame the height it asks for. */

const town = new URL((document.currentScript as HTMLScriptElement | null)?.src ?? location.href).origin;

addEventListener("message", ({ origin, source, data }: MessageEvent) => {
  if (origin !== town || data?.type !== "hamlet:height" || typeof data.height !== "number") return;
  for (const frame of document.querySelectorAll("iframe")) {
    if (frame.contentWindow === source)
      frame.style.height = `${Math.min(Math.max(data.height, 120), 1200)}px`;
  }
});

// Run by workerd: loads one isolate per host name, on the first request to it.
export default {
  fetch(req, env) {
    const val = new URL(req.url).hostname.split(".")[0];
    const isolate = env.LOADER.get(val, async () => ({
      compatibilityDate: "2026-11-01",
      mainModule: "main.js",
      modules: { "main.js": env.CODE },
    }));
    return isolate.getEntrypoint().fetch(req);
  },
};

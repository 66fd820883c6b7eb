// Connects to unix sockets: Hamlet's own, other vals', the host's, abstract ones.
import { request } from "node:http";
import { connect } from "node:net";
import { anyOf, attack, beyondDeno, type Town } from "./attempt.ts";

const abstract = "Deno asks no permission for sockets that have no file";

const open = async (path: string) => (await Deno.connect({ transport: "unix", path })).close();

const asHttp = (path: string, host: string) =>
  new Promise((resolve, reject) => {
    request({ socketPath: path, path: "/api/v2/vals", headers: { host } }, (answer) =>
      resolve(answer.statusCode),
    )
      .on("error", reject)
      .end();
  });

const guesses = (town: Town) => [
  ...town.sockets,
  ...town.sockets.map((path) => `/proc/${town.server}/root${path}`),
];

const ofTheSystem = [
  "/run/docker.sock",
  "/var/run/docker.sock",
  "/run/systemd/private",
  "/run/dbus/system_bus_socket",
  "/dev/log",
  "/run/containerd/containerd.sock",
];

export default attack({
  "Deno.connect": (town) => anyOf(guesses(town), open),
  "node:net": (town) =>
    anyOf(
      guesses(town),
      (path) =>
        new Promise((resolve, reject) =>
          connect({ path })
            .on("connect", () => resolve("connected"))
            .on("error", reject),
        ),
    ),
  "node:http": (town) => anyOf(guesses(town), (path) => asHttp(path, "localhost")),
  "a fetch client": (town) =>
    anyOf(guesses(town), async (path) => {
      using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
      return (await fetch("http://localhost/api/v2/vals", { client })).status;
    }),
  "sockets of the system": () => anyOf(ofTheSystem, open),
  "a link to a socket": (town) =>
    anyOf(town.sockets, async (path) => {
      const link = `${Deno.makeTempDirSync()}/link`;
      Deno.symlinkSync(path, link);
      await open(link);
    }),
  "an abstract socket": beyondDeno(abstract, (town) =>
    anyOf([`\0${town.abstractSocket}`, `@${town.abstractSocket}`], open),
  ),
  "an abstract socket, by node": beyondDeno(
    abstract,
    (town) =>
      new Promise((resolve, reject) => {
        connect({ path: `\0${town.abstractSocket}` })
          .on("connect", () => resolve("connected"))
          .on("error", reject);
      }),
  ),
});

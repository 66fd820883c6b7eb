// Lets an allowed origin redirect to what is not allowed.
import { anyOf, attack, type Town } from "./attempt.ts";

const follow = (status: number, to: (town: Town) => string[]) => (town: Town) =>
  anyOf(to(town), async (target) => {
    const answer = await fetch(
      `http://${town.allowed}/redirect?status=${status}&to=${encodeURIComponent(target)}`,
    );
    return `${answer.status} from ${answer.url}: ${await answer.text()}`;
  });

const loopback = (town: Town) => [
  `http://127.0.0.1:${town.tcp}/`,
  `http://localhost:${town.tcp}/`,
  `http://[::1]:${town.tcp}/`,
];

export default attack({
  "301 to loopback": follow(301, loopback),
  "302 to loopback": follow(302, loopback),
  "303 to loopback": follow(303, loopback),
  "307 to loopback": follow(307, loopback),
  "308 to Hamlet": follow(308, (town) => [
    `http://127.0.0.1:${town.hamlet}/`,
    `http://[::1]:${town.hamlet}/api/v1/me`,
  ]),
  "to an address of the host": follow(302, (town) =>
    town.addresses.filter((a) => !a.includes(":")).map((a) => `http://${a}:${town.tcp}/`),
  ),
  "to metadata": follow(302, () => ["http://169.254.169.254/latest/meta-data/"]),
  "to a file": follow(302, (town) => [`file://${town.files.text}`]),
  "to another redirect": follow(302, (town) => [
    `http://${town.allowed}/redirect?status=302&to=${encodeURIComponent(`http://127.0.0.1:${town.tcp}/`)}`,
  ]),
  "of an import": (town) =>
    import(
      `http://${town.allowed}/redirect?status=302&to=${encodeURIComponent(`http://127.0.0.1:${town.tcp}/x.ts`)}`
    ),
  "of a WebSocket": (town) =>
    new Promise((resolve, reject) => {
      const to = encodeURIComponent(`ws://127.0.0.1:${town.tcp}/`);
      const socket = new WebSocket(`ws://${town.allowed}/redirect?status=302&to=${to}`);
      socket.onopen = () => resolve("open");
      socket.onerror = () => reject(new Error("the socket failed"));
    }),
});

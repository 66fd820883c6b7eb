// Asks the metadata services of clouds, which give keys to whoever asks.
import { anyOf, attack, beyondDeno } from "./attempt.ts";

const status = async (url: string) => (await fetch(url, { headers: { "metadata-flavor": "Google" } })).status;

export default attack({
  "169.254.169.254": () =>
    anyOf(
      [
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://[::ffff:a9fe:a9fe]/",
      ],
      status,
    ),
  "the ECS and EKS agents": () =>
    anyOf(["http://169.254.170.2/v2/credentials", "http://169.254.170.23/v1/credentials"], status),
  "over IPv6": beyondDeno("Deno knows no ranges of IPv6", () =>
    anyOf(["http://[fd00:ec2::254]/latest/meta-data/", "http://[fd20:ce::254]/"], status),
  ),
  others: () =>
    anyOf(
      [
        "http://100.100.100.200/latest/meta-data/",
        "http://192.0.0.192/latest/",
        "http://168.63.129.16:32526/vmSettings",
      ].slice(0, 2),
      status,
    ),
  "Deno.connect": async () => (await Deno.connect({ hostname: "169.254.169.254", port: 80 })).close(),
});

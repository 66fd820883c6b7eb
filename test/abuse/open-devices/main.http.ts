// Opens devices of the host.
import { anyOf, attack } from "./attempt.ts";

const read = (path: string) => Deno.openSync(path).close();
const write = (path: string) => Deno.openSync(path, { write: true }).close();

export default attack({
  disks: () =>
    anyOf(
      ["/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/loop0", "/dev/loop-control", "/dev/mapper/control"],
      read,
    ),
  terminals: () => anyOf(["/dev/tty0", "/dev/console", "/dev/ttyS0"], write),
  FUSE: () => write("/dev/fuse"),
  "TUN and TAP": () => write("/dev/net/tun"),
  "virtual machines": () => anyOf(["/dev/kvm", "/dev/vhost-net", "/dev/vhost-vsock", "/dev/vsock"], write),
  "watchdog, input and graphics": () =>
    anyOf(["/dev/watchdog", "/dev/input/event0", "/dev/uinput", "/dev/dri/card0"], write),
  "shared memory of the host": (town) => {
    const path = `/dev/shm/canary-${town.nonce}`;
    return Deno.readTextFile(path);
  },
});

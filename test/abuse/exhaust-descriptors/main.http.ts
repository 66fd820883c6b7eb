// Opens files and connections until there are no descriptors left.
import { attack } from "./attempt.ts";

const MORE_THAN_A_HOST_HAS = 200_000;

export default attack({
  files: () => {
    const open: Deno.FsFile[] = [];
    try {
      for (;;) {
        open.push(Deno.openSync(import.meta.filename ?? "/val/main.http.ts"));
        if (open.length > MORE_THAN_A_HOST_HAS) return `${open.length} files`;
      }
    } catch (error) {
      throw new Error(`after ${open.length}: ${error}`);
    } finally {
      for (const file of open) file.close();
    }
  },
});

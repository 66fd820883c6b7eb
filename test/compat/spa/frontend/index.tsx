/** @jsxImportSource https://esm.sh/react@18.2.0 */
import { createRoot } from "https://esm.sh/react-dom@18.2.0/client";
import { greet } from "../shared/greet.ts";

interface Props {
  name: string;
}

function App({ name }: Props) {
  return <h1>{greet(name)}</h1>;
}

createRoot(document.getElementById("root")!).render(<App name="Val" />);

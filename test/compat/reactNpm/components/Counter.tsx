/** @jsxImportSource npm:react@18.3.1 */
import { useState } from "npm:react@18.3.1";

export function Counter({ start }: { start: number }) {
  const [count, setCount] = useState(start);
  return <button onClick={() => setCount(count + 1)}>Clicked {count} times</button>;
}

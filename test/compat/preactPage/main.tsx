/** @jsxImportSource https://esm.sh/preact@10.19.3 */
import { render } from "https://esm.sh/preact-render-to-string@6.3.1";

const Card = (props: { children: any }) => <main class="card">{props.children}</main>;

export default () =>
  new Response(render(<Card><p>Made with preact &amp; love</p></Card>), {
    headers: { "content-type": "text/html" },
  });

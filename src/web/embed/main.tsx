/** Where an embed begins: code and live answer side by side. */

import "../style/base.css";
import { createRoot } from "react-dom/client";

createRoot(document.getElementById("root")!).render(<p>Embed</p>);

import json from "{{json}}" with { type: "json" };

export { default as code } from "{{module}}";
export default json;

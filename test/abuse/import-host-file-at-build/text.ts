import text from "{{text}}" with { type: "text" };

export { default as code } from "{{module}}";
export default text;

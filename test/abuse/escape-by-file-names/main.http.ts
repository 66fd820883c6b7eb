// Only its file names attack: see the test's other side.
export default () => new Response("saved");

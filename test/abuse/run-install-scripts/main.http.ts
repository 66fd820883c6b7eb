// Asks for scripts to be run when it is saved.
export default () => new Response("saved");

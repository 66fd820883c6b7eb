export default () => Response.json({ ok: true });

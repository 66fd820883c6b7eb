import { Link } from "@tanstack/react-router";

/** Somebody who did something, with the way to their page. */
export function Author({ author }: { author: { readonly username: string | null } }) {
  if (author.username === null) return <span>somebody who is gone</span>;
  return (
    <Link className="history-author" to="/u/$name" params={{ name: author.username }}>
      {author.username}
    </Link>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { query } from "../../client/queries.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { ValRow, ValRows } from "../../ui/val-rows.tsx";

/** Vals that one likes: nobody else sees this list. */
export function Likes() {
  const likes = useQuery(query("listMyLikes", { query: { limit: "100" } }));
  return (
    <Loaded query={likes}>
      {({ data }) =>
        data.length === 0 ? (
          <Empty
            title="You like no val yet"
            action={
              <Link to="/search" className={buttonClass()}>
                Look around
              </Link>
            }
          >
            Press the heart on a val's page, and it is here the next time you look for it.
          </Empty>
        ) : (
          <ValRows label="Likes">
            {data.map((val) => (
              <ValRow key={val.id} val={val} />
            ))}
          </ValRows>
        )
      }
    </Loaded>
  );
}

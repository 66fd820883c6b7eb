/** What the server writes into the pages of the web app, and their scripts read. */

/** In the app's page. */
export interface Boot {
  readonly viewer: Viewer | null;
  readonly town: {
    /** `http://localhost:3000` */
    readonly origin: string;
    /** What follows the label of an endpoint: `.web.localhost:3000`. */
    readonly webSuffix: string;
    /** Where modules are: `http://esm.localhost:3000`. */
    readonly moduleOrigin: string;
    readonly mailDomain: string;
    readonly signUp: "open" | "invite" | "closed";
  };
}

/** Who is signed in. */
export interface Viewer {
  readonly id: string;
  readonly username: string;
  /** The operator of the town. */
  readonly admin: boolean;
}

/** In the page of an embed. */
export interface EmbedData {
  /** `me/hello` */
  readonly title: string;
  /** The page of the val, or the one that makes a val of it; undefined when there is none. */
  readonly page?: string;
  readonly path: string;
  readonly code: string;
  /** Undefined for what is no endpoint. */
  readonly endpoint?: string;
  /** Where the town is. */
  readonly home: string;
  readonly problem?: string;
}

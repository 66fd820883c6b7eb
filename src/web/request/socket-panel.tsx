import "../stream/stream.css";
import { ArrowDown, ArrowUp, Plug, Unplug } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { Rows } from "../stream/rows.tsx";
import { StreamChart } from "../stream/stream-chart.tsx";
import { useRecording } from "../stream/use-recording.ts";
import { Button } from "../ui/button.tsx";
import { sayBytes, sayDuration } from "../ui/small.tsx";
import { toPath } from "./draft.ts";
import { type Message, Socket } from "./socket.ts";

/** A WebSocket to the endpoint, by hand. It is this browser's own: the val sees the town as its origin. */
export function SocketPanel({ endpoint }: { endpoint: string }) {
  const [path, setPath] = useState("/");
  const [socket, setSocket] = useState<Socket>();
  useEffect(() => () => socket?.close(), [socket]);
  const connect = (event: FormEvent) => {
    event.preventDefault();
    setSocket(new Socket(`${endpoint.replace(/^http/, "ws")}${toPath(path) ?? "/"}`));
  };
  return (
    <div className="request">
      <form className="request-line" onSubmit={connect}>
        <input
          className="input mono"
          aria-label="Path of the WebSocket"
          {...{ value: path, spellCheck: false, autoComplete: "off" }}
          onChange={(event) => setPath(event.target.value)}
        />
        {socket === undefined && <ConnectButton />}
        {socket && <ConnectOrClose key={socket.recording.startedAt} socket={socket} />}
      </form>
      {socket ? (
        <Conversation key={socket.recording.startedAt} socket={socket} />
      ) : (
        <p className="quiet small">Connect, and each message is shown with its time, yours and the val's.</p>
      )}
    </div>
  );
}

const ConnectButton = ({ again = false }: { again?: boolean }) => (
  <Button key="connect" kind="primary" type="submit" icon={<Plug size={14} aria-hidden />}>
    {again ? "Reconnect" : "Connect"}
  </Button>
);

function ConnectOrClose({ socket }: { socket: Socket }) {
  useRecording(socket.recording);
  if (socket.state === "closed") return <ConnectButton again />;
  return (
    <Button key="close" icon={<Unplug size={14} aria-hidden />} onClick={() => socket.close()}>
      Close
    </Button>
  );
}

function Conversation({ socket }: { socket: Socket }) {
  const now = useRecording(socket.recording);
  const [text, setText] = useState("");
  const { messages, state } = socket;
  const send = (event: FormEvent) => {
    event.preventDefault();
    socket.send(text);
    setText("");
  };
  return (
    <>
      <StreamChart recording={socket.recording} now={now} />
      <div className="socket-messages">
        <Rows
          {...{ count: messages.length, label: "Messages", follow: true, height: 25 }}
          row={(at) => <MessageRow message={messages[at]!} />}
        />
      </div>
      <form className="request-line" onSubmit={send}>
        <input
          className="input mono"
          {...{ "aria-label": "Message", value: text, placeholder: "A message", autoComplete: "off" }}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" disabled={state !== "open"}>
          Send
        </Button>
      </form>
    </>
  );
}

function MessageRow({ message: { atMs, kind, text, bytes } }: { message: Message }) {
  const Icon = kind === "in" ? ArrowDown : ArrowUp;
  return (
    <div className={`socket-message socket-${kind}`}>
      <span className="quiet">{sayDuration(atMs)}</span>
      {kind === "note" ? <span /> : <Icon size={13} aria-label={kind === "in" ? "received" : "sent"} />}
      <span className={kind === "note" ? "quiet" : "stream-data"}>{text}</span>
      <span className="quiet">{kind === "note" ? "" : sayBytes(bytes)}</span>
    </div>
  );
}

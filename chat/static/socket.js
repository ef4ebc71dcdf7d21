// The line to the house: one WebSocket that comes back by itself, with jitter, and says in plain states how
// it is. What happens with the frames is the caller's business.

import { later } from "../community/later.js";

const FINAL = { 4400: "stopped", 4401: "signedOut", 4403: "signedOut", 4409: "elsewhere" };
const TRIES_SECONDS = [0.5, 1, 2, 4, 8, 15, 30];
const SILENCE_MS = 45_000; // the server pings by itself; browsers hide that, so we ask now and then

/** Random, so that a resend is known as one; crypto.randomUUID isn't there on plain HTTP. */
export function newNonce() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Line {
  /** `onOpen(send)`, `onFrame(frame)`, `onState(state)`: open, away, stopped, signedOut, elsewhere. */
  constructor({ onOpen, onFrame, onState }) {
    Object.assign(this, { onOpen, onFrame, onState });
    this.tries = 0;
    this.heardAt = Date.now();
    setInterval(() => this.watch(), 15_000);
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.hurry(); });
    addEventListener("pagehide", () => { this.leaving = true; });
    addEventListener("pageshow", (event) => { this.leaving = false; if (event.persisted) this.hurry(); });
    later(() => { if (!this.socket) this.connect(); }); // one can write before; what is written waits
  }

  get isOpen() { return this.socket?.readyState === WebSocket.OPEN; }

  /** Whether it was handed to the line; if not, the caller keeps it for onOpen. */
  send(frame) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  connect() {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = this.socket = new WebSocket(`${scheme}//${location.host}/chat/socket`, "kith.v1");
    socket.addEventListener("message", (event) => {
      this.heardAt = Date.now();
      const frame = JSON.parse(event.data);
      if (frame.t === "welcome") {
        this.tries = 0;
        this.onState("open");
        this.onOpen();
      } else if (frame.t === "goaway") {
        setTimeout(() => socket.close(1000), Math.random() * frame.within * 500);
      }
      this.onFrame(frame);
    });
    socket.addEventListener("close", (event) => {
      if (this.socket === socket && !this.leaving) this.ended(event.code);
    });
  }

  ended(code) {
    if (FINAL[code]) {
      this.isFinal = true;
      this.onState(FINAL[code]);
      return;
    }
    const seconds = TRIES_SECONDS[Math.min(this.tries, TRIES_SECONDS.length - 1)];
    this.tries += 1;
    this.onState("away");
    this.timer = setTimeout(() => this.connect(), seconds * 1000 * (0.5 + Math.random()));
  }

  /** The person is looking, or the network is back: don't wait out the pause. */
  hurry() {
    if (this.isFinal) return;
    if (!this.socket || this.socket.readyState === WebSocket.CLOSED) this.connect();
    else this.watch();
  }

  watch() {
    if (!this.isOpen) return;
    const silent = Date.now() - this.heardAt;
    if (silent > SILENCE_MS) {
      const dead = this.socket;
      this.socket = null;
      dead.close();
      this.ended(1006);
    } else if (silent > 10_000) {
      this.send({ t: "ping" });
    }
  }
}

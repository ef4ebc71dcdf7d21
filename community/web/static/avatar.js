// The same picture for a handle as community/web/avatars.py draws, for messages that arrive live.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = [
  ["circle", { cx: 30, cy: 12, r: 14 }],
  ["path", { d: "M0 40 L40 14 V40 Z" }],
  ["path", { d: "M0 26 Q20 10 40 26 V40 H0 Z" }],
  ["rect", { x: -4, y: 20, width: 30, height: 30, rx: 9, transform: "rotate(-18 10 30)" }],
];

export function mark(handle) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(handle.toLowerCase())) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  const letter = [...handle].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? "·";
  return { hue: value % 12, shape: Math.floor(value / 12) % 4, letter: [...letter.toUpperCase()][0] };
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function avatar(handle) {
  const { hue, shape, letter } = handle ? mark(handle) : { hue: "none", shape: 0, letter: "·" };
  const svg = element("svg", { class: `avatar hue-${hue}`, viewBox: "0 0 40 40", width: 40, height: 40, "aria-hidden": "true", focusable: "false" });
  const group = element("g", { class: "mark" });
  group.append(element(...SHAPES[shape]));
  const text = element("text", { x: 20, y: 27, "text-anchor": "middle" });
  text.textContent = letter;
  svg.append(element("rect", { class: "back", width: 40, height: 40 }), group, text);
  return svg;
}

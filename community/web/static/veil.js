// How a message stands before this reader, by their own wishes: the same rules as community/wishes.py, for what
// arrives live. The wishes come with the page and never leave it.

const meta = document.querySelector('meta[name="veil"]');
const wishes = meta ? JSON.parse(meta.content) : { words: [], opened: [], hidden: [] };
export const sentences = { word: meta?.dataset.word ?? "", hidden: meta?.dataset.hidden ?? "" };

const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function pattern(words) {
  const parts = words.map(plain).map((word) => {
    const stem = escape(word.replace(/\*+$/, ""));
    return word.endsWith("*") ? stem : `${stem}(?![\\p{L}\\p{N}_])`;
  });
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${parts.join("|")})`, "u");
}

const muted = wishes.words.length ? pattern(wishes.words) : null;

/** "open", "warned", "word" or "hidden". Ask only for others' words. */
export function sight(text, warnings = []) {
  if (warnings.some((name) => wishes.hidden.includes(name))) return "hidden";
  if (muted?.test(plain(text))) return "word";
  return warnings.some((name) => !wishes.opened.includes(name)) ? "warned" : "open";
}

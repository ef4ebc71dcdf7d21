// Finds what looks like contact details in a text, for a kind word before it is sent. The server judges by
// its own rules afterwards; this only saves a person from a slip.

const EMAIL = /[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+/gu;
const PHONE = /(?<![\p{L}\d])\+?\d(?:[\s().\-/]{0,2}\d){8,14}(?![\p{L}\d])/gu;

export function findContact(text) {
  const phones = (text.match(PHONE) ?? []).filter((found) => !/^\d{4}[-/.]\d{2}[-/.]\d{2}/.test(found)); // a date
  return [...(text.match(EMAIL) ?? []), ...phones];
}

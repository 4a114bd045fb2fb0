// Text that people wrote is data everywhere. What cannot be seen has no place in it: an approver must read what the machine reads.

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]/u;
const hiddenButLines = new RegExp(`(?![\\n\\t])${hidden.source}`, "gu");

/** The first character that nobody sees or that reorders others (controls, bidi overrides, zero-width), and where it is. Line feed and tab are fine. */
export function hiddenCharacter(text: string): { readonly index: number; readonly name: string } | undefined {
  const index = text.search(hiddenButLines);
  return index === -1 ? undefined : { index, name: codePointName(text, index) };
}

/** For people to see: hidden characters by their code point, so that a terminal or a page cannot be made to lie. */
export const visible = (text: string): string =>
  text.replace(hiddenButLines, (character) => `[${codePointName(character, 0)}]`);

/** A value as messages show it: one line, cut when long. */
export function shown(text: string): string {
  const characters = [...visible(text).replace(/\s+/g, " ")];
  return characters.length > 80 ? `${characters.slice(0, 79).join("")}…` : characters.join("");
}

export const quoted = (text: string): string => `\`${shown(text)}\``;

const codePointName = (text: string, index: number): string =>
  `U+${Number(text.codePointAt(index)).toString(16).toUpperCase().padStart(4, "0")}`;

/** Line ends of the web (CRLF) and of old tools (CR) as line feeds. */
export const unixLines = (text: string): string => text.replace(/\r\n?/g, "\n");

export const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;

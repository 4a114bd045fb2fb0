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

/** Hidden characters as the escapes of YAML. For use between double quotes. */
export const escapeHidden = (text: string): string =>
  text.replace(hiddenButLines, (character) => {
    const code = Number(character.codePointAt(0));
    return code > 0xffff ? `\\U${hex(code).padStart(8, "0")}` : `\\u${hex(code)}`;
  });

const codePointName = (text: string, index: number): string => `U+${hex(Number(text.codePointAt(index)))}`;

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(4, "0");

/** Line ends of the web (CRLF) and of old tools (CR) as line feeds. */
export const unixLines = (text: string): string => text.replace(/\r\n?/g, "\n");

export const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;

/**
 * Any text, made inert in GitHub's Markdown: people read the same characters, and no mention, link, reference, HTML, image, fence or command gets out. For running text,
 * a table cell or a block quote; not for a place inside backticks.
 *
 * Two things are needed. GitHub renders first and then looks for mentions, references and addresses in the finished text, so an entity alone is not enough: `<wbr>`, which
 * shows nothing and is not copied, parts what would be found. And what Markdown itself would see are entities.
 */
export const inertMarkdown = (text: string): string =>
  visible(unixLines(text).trim()).split("\n").map(inertLine).join("<br>");

const inertLine = (line: string): string =>
  line
    .trim()
    // parts of 7 or more hex digits could be the name of a commit
    .replace(/[0-9a-f]{6}(?=[0-9a-f])/gi, `$&${mark}`)
    .replace(found, `$&${mark}`)
    .replace(/[!"#$&()*+:<=>@[\\\]^_`{|}~]|^[-.]|(?<=^\d{1,9}|www.?)\./gi, entity)
    .replace(/\s/g, " ")
    .replaceAll(mark, "<wbr>");

/** What begins a mention, a reference, an address, an emoji or a formula; the same signs in `at 10:30, room #b` begin nothing. */
const found = /@(?!\s)|#(?=\d)|\$|:(?=\/\/|[\w+-]*:)|gh-(?=\d)|(?:ghsa|cve)-(?=\w)|www(?=\.)/gi;
// a control character, which `visible` has taken out of the text
const mark = "\u0000";
const entity = (character: string): string => `&#${character.charCodeAt(0)};`;

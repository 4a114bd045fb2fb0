// A comment of ours as people read it on GitHub's page: entities are characters, and the marks that keep text inert do not show.

export const asRead = (markdown: string): string =>
  markdown
    .replaceAll("<wbr>", "")
    .replaceAll("<br>", "\n")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

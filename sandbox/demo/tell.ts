// The story as it happens: lines for a person, or the same as data. Colours only on a terminal.

export interface Told {
  /** Seconds since the demo began. */
  readonly at: number;
  readonly story: string;
  readonly who: string;
  readonly what: string;
}

export interface Teller {
  readonly chapter: (story: string, title: string) => void;
  readonly say: (who: string, what: string) => void;
  /** A block of text: a comment, a file. */
  readonly show: (title: string, text: string) => void;
  readonly told: readonly Told[];
  readonly seconds: () => number;
}

export function createTeller(options: {
  readonly now: () => number;
  readonly write: (text: string) => void;
  readonly colours: boolean;
}): Teller {
  const { now, write, colours } = options;
  const began = now();
  const told: Told[] = [];
  let story = "";
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const seconds = (): number => Math.round((now() - began) / 100) / 10;
  return {
    told,
    seconds,
    chapter: (name, title) => {
      story = name;
      write(`\n${paint(1, `${name === "" ? "" : `(${name}) `}${title}`)}\n`);
      told.push({ at: seconds(), story, who: "story", what: title });
    },
    say: (who, what) => {
      const at = seconds();
      write(`${paint(2, at.toFixed(1).padStart(6))}  ${paint(36, who.padEnd(9))} ${what}\n`);
      told.push({ at, story, who, what });
    },
    show: (title, text) => {
      write(`\n${paint(2, `--- ${title}`)}\n${text.replace(/^/gm, "    ")}\n\n`);
      told.push({ at: seconds(), story, who: title, what: text });
    },
  };
}

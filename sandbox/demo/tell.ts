// The story as it happens: lines for a person, or the same as data. Colours only on a terminal.

export interface Told {
  /** Seconds since the demo began. */
  readonly at: number;
  /** The story's letter; empty for what belongs to none. */
  readonly story: string;
  readonly who: string;
  readonly what: string;
}

export interface Teller {
  /** Begins a story. Its lines carry its letter, so that stories can be told at the same time. */
  readonly story: (letter: string, title: string) => Teller;
  readonly say: (who: string, what: string) => void;
  /** A block of text: a comment, a file. */
  readonly show: (title: string, text: string) => void;
  /** What was told so far, of all stories. */
  readonly told: readonly Told[];
  readonly seconds: () => number;
}

export interface TellerOptions {
  readonly now: () => number;
  readonly write: (text: string) => void;
  readonly colours: boolean;
}

export function createTeller({ now, write, colours }: TellerOptions): Teller {
  const began = now();
  const told: Told[] = [];
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const seconds = (): number => Math.round((now() - began) / 100) / 10;
  const note = (story: string, who: string, what: string): number => {
    const at = seconds();
    told.push({ at, story, who, what });
    return at;
  };
  const voice = (letter: string): Teller => ({
    told,
    seconds,
    story: (next, title) => {
      write(`\n${paint(1, `${next === "" ? "" : `(${next}) `}${title}`)}\n`);
      note(next, "story", title);
      return voice(next);
    },
    say: (who, what) => {
      const at = note(letter, who, what);
      const tag = letter === "" ? "   " : `(${letter})`;
      write(`${paint(2, `${at.toFixed(1).padStart(6)} ${tag}`)} ${paint(36, who.padEnd(9))} ${what}\n`);
    },
    show: (title, text) => {
      write(`\n${paint(2, `--- ${title}`)}\n${text.replace(/^/gm, "    ")}\n\n`);
      note(letter, title, text);
    },
  });
  return voice("");
}

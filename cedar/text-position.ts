// From an offset to the line and column that an editor shows. Cedar counts UTF-8 bytes, JavaScript counts UTF-16 units.

import type { Place } from "../core/problem.ts";

export interface TextPositions {
  /** The index into the JavaScript string of a byte offset into the same text as UTF-8, as Cedar reports them. */
  readonly indexOfByte: (byte: number) => number;
  /** Of an index into the JavaScript string. */
  readonly atIndex: (index: number) => Place;
  readonly atByte: (byte: number) => Place;
}

export function positionsIn(file: string, text: string): TextPositions {
  let lines: readonly number[] | undefined;
  let indexes: Uint32Array | undefined;
  const atIndex = (index: number): Place => {
    lines ??= lineStarts(text);
    const line = lastAtOrBefore(lines, index);
    return { file, line: line + 1, column: index - (lines[line] ?? 0) + 1 };
  };
  const indexOfByte = (byte: number): number => {
    indexes ??= byteIndexes(text);
    return indexes[Math.max(0, Math.min(byte, indexes.length - 1))] ?? 0;
  };
  return { indexOfByte, atIndex, atByte: (byte) => atIndex(indexOfByte(byte)) };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function lastAtOrBefore(starts: readonly number[], index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** For each byte of the UTF-8 form, and for its end, the index of the character that the byte belongs to. */
function byteIndexes(text: string): Uint32Array {
  const indexes = new Uint32Array(Buffer.byteLength(text) + 1);
  let byte = 0;
  for (let index = 0; index < text.length; ) {
    const code = text.codePointAt(index) ?? 0;
    // a lone surrogate becomes U+FFFD: three bytes, as its own code would have
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    indexes.fill(index, byte, byte + bytes);
    byte += bytes;
    index += code < 0x10000 ? 1 : 2;
  }
  indexes[byte] = text.length;
  return indexes;
}

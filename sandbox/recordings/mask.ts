// What differs from run to run, made the same, so that pictures made again show only what has changed.

/** When the pictured request was made, for readers; its own times follow at the same distance. */
const pictured = Date.parse("2026-12-01T22:00:00Z");

/** @param asked - when it really was, in milliseconds. @param home - where its people live. */
export function masking(asked: number, home: string, githubUrl: string): (text: string) => string {
  const shift = (time: string): string => {
    const at = Date.parse(`${time.slice(0, 10)}T${time.slice(11, 19).padEnd(8, ":00")}Z`);
    // what took this machine a minute or two takes no time
    const steps = Math.round((at - asked) / 300_000) * 300_000;
    const shifted = new Date(pictured + steps).toISOString();
    return `${shifted.slice(0, 10)}${time[10]}${shifted.slice(11, 16)}`;
  };
  return (text) =>
    text
      .replaceAll(githubUrl, "https://github.com")
      .replaceAll(`${home}/alice`, "~/.config")
      .replace(/20\d\d-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?/g, shift)
      .replace(/^\d+m?\d*s, since \d\d:\d\d UTC/, "12s, since 22:00 UTC")
      .replace(/#pullrequestreview-\d+/g, "#pullrequestreview-3001")
      .replace(/\bhp\.\d+\.(\d+)/g, "hp.7001.$1")
      .replace(/(hp\.7001\.\d+-)[0-9a-f]{17}/g, "$10a1b2c3d4e5f60718")
      // YAML quotes those that look like a number
      .replace(/"?\b[0-9a-f]{40}\b"?/g, "5eedc0ffee5eedc0ffee5eedc0ffee5eedc0ffee")
      .replace(/(tree|blob)\/[0-9a-f]{40}/g, "$1/main")
      .replace(/policies at `[0-9a-f]{7}`/g, "policies at `5eedc0f`")
      .replace(/\brun \d+\b/g, "run 4001")
      .replace(/\bid: \d{4}\b/g, "id: 1002");
}

// Whose reviews counted when the request was approved: for good, whatever the rules and the teams say by now.

import type { UserId } from "../core/ids.ts";
import type { PullReading, RequestReading } from "./reading.ts";

/** By the trailers of the commit that merged its pull request, and the reviews there. A login alone could have changed hands. */
export function counted({ subject, pulls, us }: RequestReading): readonly UserId[] {
  const own: readonly PullReading[] = [
    ...pulls.filter(({ author }) => author?.id === us.botId),
    ...(subject.pull === undefined ? [] : [subject.pull]),
  ];
  return own.flatMap(({ mergeMessage = "", reviews }) => {
    const logins = new Set(
      [...mergeMessage.matchAll(/^Hallpass-Level: \d+ (\S+)/gm)].map(([, login = ""]) => login.toLowerCase()),
    );
    return reviews.flatMap(({ author }) =>
      author !== undefined && logins.has(author.login.toLowerCase()) ? [author.id] : [],
    );
  });
}

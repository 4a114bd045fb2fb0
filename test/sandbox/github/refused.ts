/** Status and message of a refusal; fails when there is none. */
export async function refused(
  work: Promise<unknown>,
): Promise<{ status: number; message: string; errors: unknown }> {
  try {
    await work;
  } catch (error) {
    const { status, response } = error as {
      status?: number;
      response?: { data?: { message?: string; errors?: unknown } };
    };
    if (status === undefined || status === 500) throw error;
    return { status, message: response?.data?.message ?? "", errors: response?.data?.errors };
  }
  throw new Error("was not refused");
}

/** Types and messages of a GraphQL refusal. */
export async function refusedGraphql(work: Promise<unknown>): Promise<{ type: string; message: string }[]> {
  try {
    await work;
  } catch (error) {
    const { errors } = error as { errors?: { type?: string; message: string }[] };
    if (errors === undefined) throw error;
    return errors.map(({ type = "", message }) => ({ type, message }));
  }
  throw new Error("was not refused");
}

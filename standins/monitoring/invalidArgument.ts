/** A request that the API refuses: HTTP 400 with status `INVALID_ARGUMENT`, and this message for its reader. */
export class InvalidArgument extends Error {}

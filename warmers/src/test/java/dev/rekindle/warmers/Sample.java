package dev.rekindle.warmers;

/**
 * The sample handlers that a runtime brings to the contract. What each does is the same in every
 * runtime.
 */
enum Sample {
  /** Returns its event. */
  ECHO,
  /** Returns requestId, name, version, memory, remainingMs from its context. */
  CONTEXT,
  /** Raises an error with the message "no stock" from a function called {@code find_stock}. */
  RAISES,
  /** Returns something that JSON cannot express. */
  NOT_JSON,
  /** Prints a line to standard output and one to standard error: the event's field "text". */
  PRINTS,
  /** Ends the process with code 3. */
  EXITS,
  /** Sleeps for a minute. */
  SLEEPS,
  /** Asks for more memory than there is. */
  EXHAUSTS_MEMORY,
  /** Starts a thread that never ends, then returns "started". */
  LEAVES_THREAD,
  /** Returns the environment variable that the event's field "name" names, or null. */
  ENVIRONMENT,
  /** Registers hooks before1, before2, after1, after2; returns the names of those that ran. */
  HOOKS,
  /** Its before-snapshot hook fails with the message "socket still open". */
  FAILING_BEFORE_HOOK,
  /** Its after-restore hook fails with the message "no database". */
  FAILING_AFTER_HOOK,
  /**
   * Draws from every random source a user would use and returns the values by source. Sources whose
   * names begin with "seeded" were seeded with constants at load time; of those, and of those whose
   * names begin with "entropy", the restore's entropy alone decides what is drawn after it.
   */
  DRAWS,
  /** Its module does not exist. */
  NO_MODULE,
  /** Its module has no such handler. */
  NO_HANDLER,
  /** Its module does not parse. */
  SYNTAX_ERROR,
  /** Its module raises an error with the message "no settings" when it is loaded. */
  RAISES_AT_LOAD,
  /** Its module ends the process with code 4 when it is loaded. */
  EXITS_AT_LOAD
}

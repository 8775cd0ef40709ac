package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.Context;

/** A loaded function, whatever form its handler has. */
interface Handler {
  /**
   * Calls the function's code.
   *
   * @param event JSON
   * @return JSON
   * @throws Throwable what the function threw, or a {@link FaultException}
   */
  byte[] handle(byte[] event, Context context) throws Throwable;
}

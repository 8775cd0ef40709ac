package dev.rekindle.warmers;

/** The JVM keeps in sandboxes what all runtimes promise. */
class JavaSandboxTest extends HandlerSandboxContract {
  JavaSandboxTest() {
    super(new JavaWarmerTest());
  }
}

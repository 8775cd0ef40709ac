package dev.rekindle.warmers;

/** CPython keeps in sandboxes what all runtimes promise. */
class Python3SandboxTest extends HandlerSandboxContract {
  Python3SandboxTest() {
    super(new Python3WarmerTest());
  }
}

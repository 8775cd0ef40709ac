package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A function that brings its own copy of the hooks' module. */
class NodejsHooksTest extends FunctionFixture {
  @Override
  String runtime() {
    return "nodejs";
  }

  @Override
  Map<String, String> code() throws IOException {
    return TestResources.folder("nodejs/own_hooks");
  }

  @Test
  void hooks_ofTheFunctionsOwnCopy_run() throws Exception {
    FunctionProcess process = ready("app.handler");
    checkpoint(process);
    assertThat(process.log()).contains("my own snapshot_restore_node ran a hook");
  }
}

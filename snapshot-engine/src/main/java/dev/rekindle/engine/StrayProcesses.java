package dev.rekindle.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Processes of a sandbox that have left the function's tree: their parent ended, so init took them
 * over. CRIU dumps a tree, and would leave them out without a word.
 */
final class StrayProcesses {
  private static final int INIT = 1;

  private StrayProcesses() {}

  /**
   * Finds them.
   *
   * @param proc the sandbox's /proc
   * @param root the pid of the function's root process
   * @return each as "pid (name)"
   */
  static List<String> find(Path proc, int root) throws IOException {
    List<String> strays = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        String stat;
        try {
          stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
          continue; // it has ended
        }
        // PID (NAME) STATE PARENT …, and a name may hold spaces and parentheses.
        int nameEnd = stat.lastIndexOf(')');
        String[] fields = stat.substring(nameEnd + 2).split(" ", 3);
        int pid = Integer.parseInt(process.getFileName().toString());
        if (pid != INIT
            && pid != root
            && !fields[0].equals("Z")
            && Integer.parseInt(fields[1]) == INIT) {
          strays.add(stat.substring(0, nameEnd + 1));
        }
      }
    }
    return strays;
  }
}

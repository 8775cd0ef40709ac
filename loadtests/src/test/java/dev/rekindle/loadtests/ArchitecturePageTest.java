package dev.rekindle.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/architecture.md says of the code is true of the code. */
class ArchitecturePageTest {
  private static final Path PAGE = Path.of("../docs/architecture.md");

  /** A step of a way: its number, and a method in code font. */
  private static final Pattern STEP = Pattern.compile("(\\d+)\\. `(\\w+)\\.(\\w+)`");

  private static final JavaClasses SERVICE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.rekindle.orchestrator", "dev.rekindle.engine");

  private record Step(String owner, String method) {}

  private static List<List<Step>> ways() throws IOException {
    List<List<Step>> ways = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher step = STEP.matcher(line);
      if (!step.matches()) {
        continue;
      }
      if (step.group(1).equals("1")) {
        ways.add(new ArrayList<>());
      }
      ways.get(ways.size() - 1).add(new Step(step.group(2), step.group(3)));
    }
    return ways;
  }

  private static JavaClass owner(String simpleName) {
    List<JavaClass> found =
        SERVICE.stream().filter(each -> each.getSimpleName().equals(simpleName)).toList();
    assertThat(found).as(simpleName).hasSize(1);
    return found.get(0);
  }

  private static Set<JavaCodeUnit> methods(Step step) {
    Set<JavaCodeUnit> found =
        owner(step.owner()).getCodeUnits().stream()
            .filter(unit -> unit.getName().equals(step.method()))
            .collect(Collectors.toSet());
    assertThat(found).as(step.owner() + "." + step.method()).isNotEmpty();
    return found;
  }

  /** A call in a lambda counts as its method's own. */
  @Test
  void ways_eachStepCallsTheNext() throws IOException {
    List<List<Step>> ways = ways();
    assertThat(ways).hasSizeGreaterThan(3);
    for (List<Step> way : ways) {
      for (int i = 1; i < way.size(); i++) {
        Step next = way.get(i);
        methods(next);
        boolean calls =
            methods(way.get(i - 1)).stream()
                .flatMap(unit -> unit.getAccessesFromSelf().stream())
                .anyMatch(
                    access ->
                        access.getTarget().getName().equals(next.method())
                            && access.getTarget().getOwner().getSimpleName().equals(next.owner()));
        assertThat(calls).as(way.get(i - 1) + " calls " + next).isTrue();
      }
    }
  }

  /** The table of who decides names methods and classes that exist. */
  @Test
  void deciders_exist() throws IOException {
    Pattern name = Pattern.compile("`([A-Z]\\w+)\\.([a-z]\\w*)`");
    List<String> rows =
        Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("|")).toList();
    int seen = 0;
    for (String row : rows) {
      Matcher found = name.matcher(row);
      while (found.find()) {
        methods(new Step(found.group(1), found.group(2)));
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(5);
  }
}

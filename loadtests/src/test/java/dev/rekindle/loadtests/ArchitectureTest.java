package dev.rekindle.loadtests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each module uses only those that it may. Maven's own arrows are wider, for the sake of tests. */
class ArchitectureTest {
  private static final String ROOT = "dev.rekindle.";

  /** What each module may use of ours, besides itself. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "api", Set.of(),
          "s3server", Set.of(),
          "store", Set.of(),
          "engine", Set.of(),
          "warmers", Set.of("engine"),
          "orchestrator", Set.of("api", "store", "engine", "warmers"),
          "loadtests", Set.of("api", "s3server"));

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.rekindle");

  private static DescribedPredicate<JavaClass> in(String module) {
    return JavaClass.Predicates.resideInAPackage(ROOT + module + "..");
  }

  @Test
  void modules_useOnlyWhatTheyMay() {
    MAY_USE.forEach(
        (module, others) -> {
          Set<String> allowed = new LinkedHashSet<>(others);
          allowed.add(module);
          DescribedPredicate<JavaClass> foreign =
              DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.rekindle.."));
          for (String each : allowed) {
            foreign = foreign.or(in(each));
          }
          classes()
              .that(in(module))
              .should()
              .onlyDependOnClassesThat(foreign.as("are of %s or of others", allowed))
              .check(OURS);
        });
  }

  @Test
  void rule_findsTheClassesOfEveryModule() {
    for (String module : MAY_USE.keySet()) {
      assertThat(OURS.stream().filter(in(module))).as(module).isNotEmpty();
    }
    List<String> homeless =
        OURS.stream()
            .map(JavaClass::getPackageName)
            .filter(
                p -> MAY_USE.keySet().stream().noneMatch(m -> (p + ".").startsWith(ROOT + m + ".")))
            .distinct()
            .toList();
    assertThat(homeless).isEmpty();
  }

  /** It runs in functions' JVMs, where nothing of ours is but itself. */
  @Test
  void javaBootstrap_standsAlone() {
    String bootstrap = ROOT + "warmers.jvm..";
    classes()
        .that()
        .resideInAPackage(bootstrap)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            bootstrap,
            "java..",
            "javax..",
            "com.sun.management", // the JDK's own, exported by module jdk.management
            "com.amazonaws..",
            "org.jspecify..")
        .check(OURS);
    noClasses()
        .that()
        .resideOutsideOfPackage(bootstrap)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(bootstrap)
        .check(OURS);
  }

  /** Not between modules, and not between the packages of one. */
  @Test
  void packages_haveNoCycles() {
    slices().matching("dev.rekindle.(**)").should().beFreeOfCycles().check(OURS);
  }

  /** The floors of the service, from the ground up: what a package uses lies below it. */
  private static final List<String> FLOORS =
      List.of(
          "config",
          "node",
          "function",
          "snapshot",
          "instance",
          "policy",
          "pool",
          "training",
          "http");

  @Test
  void orchestrator_importsGoDown() {
    for (int i = 0; i < FLOORS.size(); i++) {
      String[] above =
          FLOORS.subList(i + 1, FLOORS.size()).stream()
              .map(floor -> ROOT + "orchestrator." + floor)
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(ROOT + "orchestrator." + FLOORS.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(above)
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + "orchestrator")
          .allowEmptyShould(false)
          .check(OURS);
    }
  }

  /** Training and HTTP are neighbours: neither knows the other. */
  @Test
  void http_knowsNoTraining() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + "orchestrator.http")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "orchestrator.training")
        .check(OURS);
  }

  /** Nobody outside of the engine reads or writes CRIU's images. */
  @Test
  void images_areTheEnginesOwn() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "engine..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "engine.image")
        .check(OURS);
  }

  /** A policy decides from what it is told: the simulator runs the same classes. */
  @Test
  void policies_knowNoMachine() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "orchestrator.policy.model",
            ROOT + "orchestrator.policy.estimate",
            ROOT + "orchestrator.policy.baseline",
            ROOT + "orchestrator.policy.adaptive",
            ROOT + "orchestrator.policy.shadow")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "java.nio.file..", "java.util.concurrent..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(OURS);
  }

  /** Time comes from the event loop, so that tests can move it by hand. */
  @Test
  void orchestrator_asksTheLoopForTheTime() {
    noClasses()
        .that()
        .resideInAnyPackage(
            FLOORS.stream()
                .filter(floor -> !floor.equals("node"))
                .map(floor -> ROOT + "orchestrator." + floor)
                .toArray(String[]::new))
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(OURS);
  }
}

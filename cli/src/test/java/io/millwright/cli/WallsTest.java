package io.millwright.cli;

import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The walls of this module; see the architecture page of the documentation. */
class WallsTest {
  private static final String ROOT = "io.millwright.cli";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  /** A wall that sees no classes holds nothing. */
  @Test
  void seesTheClassesItGuards() {
    assertThat(CLASSES.contain(Main.class)).isTrue();
    assertThat(dependsOn(Main.class, "picocli.")).isTrue();
    assertThat(dependsOn(Collector.class, "java.net.http.")).isTrue();
    assertThat(dependsOn(Views.class, "io.millwright.protocol.views.")).isTrue();
    assertThat(dependsOn(Screen.class, "com.fasterxml.jackson.dataformat.yaml.")).isTrue();
    assertThat(dependsOn(Waiting.class, "io.millwright.protocol.clock.")).isTrue();
  }

  private static boolean dependsOn(Class<?> from, String prefix) {
    return CLASSES.get(from).getDirectDependenciesFromSelf().stream()
        .anyMatch(d -> d.getTargetClass().getName().startsWith(prefix));
  }

  @Test
  void theCommandLineKnowsTheProtocolOnly() {
    check(
        classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "javax.net.ssl..",
                "org.jspecify..",
                "picocli..",
                "com.fasterxml.jackson..",
                "io.millwright.protocol..",
                ROOT));
  }

  @Test
  void oneClassSpeaksHttp() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Collector.class.getName())
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.net.http.."));
  }

  @Test
  void onlyMainIsSeenFromOutside() {
    check(classes().that().arePublic().should().haveFullyQualifiedName(Main.class.getName()));
  }

  @Test
  void noProcessIsBegun() {
    check(noClasses().should().dependOnClassesThat().areAssignableTo(ProcessBuilder.class));
  }

  @Test
  void timeAndThreadsHaveOneDoor() {
    check(
        noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "ofPlatform")
            .orShould()
            .callMethod(Thread.class, "ofVirtual")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis"));
  }

  @Test
  void noStateIsStaticAndMutable() {
    check(fields().that().areStatic().should().haveModifier(FINAL));
  }

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }
}

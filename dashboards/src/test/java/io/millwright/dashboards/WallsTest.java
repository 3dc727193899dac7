package io.millwright.dashboards;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.millwright.dashboards.grafana.BoardJson;
import io.millwright.dashboards.promql.Promql;
import org.junit.jupiter.api.Test;

/** The walls of this module. */
class WallsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.millwright.dashboards");

  @Test
  void seesTheClassesItGuards() {
    assertThat(CLASSES.contain(Promql.class)).isTrue();
    assertThat(CLASSES.contain(BoardJson.class)).isTrue();
  }

  /** Pure: no files, threads, clocks or sockets; JSON in one room. */
  @Test
  void onlyValuesOfTheVocabularyAreMadeIntoText() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java.lang..",
            "java.nio.charset",
            "java.util..",
            "org.jspecify..",
            "com.fasterxml.jackson..",
            "io.millwright.protocol.vocabulary..",
            "io.millwright.dashboards..")
        .check(CLASSES);
    classes()
        .that()
        .resideOutsideOfPackage("io.millwright.dashboards.grafana")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage("com.fasterxml..")
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.millwright.dashboards.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void noStateIsStaticAndMutable() {
    fields().that().areStatic().should().haveModifier(JavaModifier.FINAL).check(CLASSES);
  }
}

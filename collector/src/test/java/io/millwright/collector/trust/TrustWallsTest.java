package io.millwright.collector.trust;

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

/** The walls of this room. */
class TrustWallsTest {
  private static final String TRUST = "io.millwright.collector.trust..";
  private static final String BOUNCY_CASTLE = "org.bouncycastle..";

  private static final JavaClasses COLLECTOR =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.millwright");

  /** A wall that sees no classes holds nothing. */
  @Test
  void seesTheClassesItGuards() {
    assertThat(COLLECTOR.contain(io.millwright.protocol.tls.MutualTls.class)).isTrue();
    assertThat(COLLECTOR.get(Certificates.class).getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().getName().startsWith("org.bouncycastle."));
  }

  @Test
  void bouncyCastleStaysInTheRoom() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(TRUST)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BOUNCY_CASTLE));
  }

  @Test
  void theRoomKnowsNothingOfTheRestOfTheCollector() {
    check(
        classes()
            .that()
            .resideInAPackage(TRUST)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java..",
                "javax.security.auth.x500..",
                "org.jspecify..",
                "org.slf4j..",
                "picocli..",
                BOUNCY_CASTLE,
                "io.millwright.protocol.tls..",
                "io.millwright.protocol.orders..",
                "io.millwright.protocol.clock..",
                TRUST));
  }

  @Test
  void theCommandLineStaysInItsClasses() {
    check(
        noClasses()
            .that()
            .resideInAPackage(TRUST)
            .and()
            .haveNameNotMatching(".*\\.Ca(Command|Place|Words).*")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli.."));
  }

  @Test
  void timeHasOneDoor() {
    check(
        noClasses()
            .that()
            .resideInAPackage(TRUST)
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis"));
  }

  @Test
  void noStateIsStaticAndMutable() {
    check(
        fields()
            .that()
            .areDeclaredInClassesThat()
            .resideInAPackage(TRUST)
            .and()
            .areStatic()
            .should()
            .haveModifier(FINAL));
  }

  private static void check(ArchRule rule) {
    rule.check(COLLECTOR);
  }
}

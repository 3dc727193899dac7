package io.millwright.protocol;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.millwright.protocol.bodies.JobJson;
import io.millwright.protocol.exposition.PageWriter;
import io.millwright.protocol.frames.DesiredResult;
import io.millwright.protocol.frames.Frame;
import io.millwright.protocol.frames.Inbound;
import io.millwright.protocol.frames.SampleResult;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.orders.OrderSigner;
import io.millwright.protocol.supervision.Watchkeeper;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The walls of this module; see the architecture page of the documentation. */
class WallsTest {
  private static final String HEALTH = "io.millwright.protocol.health..";
  private static final String VOCABULARY = "io.millwright.protocol.vocabulary..";
  private static final String EXPOSITION = "io.millwright.protocol.exposition..";
  private static final String FRAMES = "io.millwright.protocol.frames..";
  private static final String BODIES = "io.millwright.protocol.bodies..";
  private static final String ORDERS = "io.millwright.protocol.orders..";
  private static final String TLS = "io.millwright.protocol.tls..";
  private static final String SUPERVISION = "io.millwright.protocol.supervision..";
  private static final String CLOCK = "io.millwright.protocol.clock..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.millwright.protocol");

  /** A wall that sees no classes holds nothing. */
  @Test
  void seesTheClassesItGuards() {
    assertThat(CLASSES.contain(Metric.class)).isTrue();
    assertThat(CLASSES.contain(PageWriter.class)).isTrue();
    assertThat(CLASSES.that(are(resideInAPackage(FRAMES)))).hasSizeGreaterThan(40);
    assertThat(CLASSES.that(are(assignableTo(Frame.class)))).hasSize(30);
    assertThat(CLASSES.that(are(resideInAPackage(CLOCK)))).hasSizeGreaterThan(2);
    assertThat(CLASSES.contain(MutualTls.class)).isTrue();
    assertThat(CLASSES.get(PageWriter.class).getDirectDependenciesFromSelf())
        .anyMatch(d -> d.getTargetClass().isEquivalentTo(NodeSnapshot.class));
  }

  @Test
  void vocabularyExpositionAndFramesArePure() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(VOCABULARY, EXPOSITION, FRAMES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.io..",
                "java.net..",
                "java.nio.file..",
                "java.nio.channels..",
                "java.util.concurrent..",
                "java.util.logging..",
                "java.lang.foreign..",
                "org.slf4j..",
                CLOCK)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class));
  }

  @Test
  void vocabularyImportsNothingButTheLanguage() {
    check(
        classes()
            .that()
            .resideInAPackage(VOCABULARY)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..", "java.time..", "java.util..", "org.jspecify..", VOCABULARY));
  }

  /** No library reads a certificate in an agent, and nothing is logged down here. */
  @Test
  void trustIsTheJdksAndTheClocks() {
    check(
        classes()
            .that()
            .resideInAPackage(TLS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.io..",
                "java.lang..",
                "java.math..",
                "java.net..",
                "java.nio..",
                "java.security..",
                "java.time..",
                "java.util..",
                "javax.net.ssl..",
                "javax.security.auth.x500..",
                "org.jspecify..",
                CLOCK,
                TLS));
  }

  /** Root's launcher imports this room: it has no socket, no thread and no clock of its own. */
  @Test
  void ordersAreTheJdksCryptographyAndTheWordsOfJobs() {
    assertThat(CLASSES.contain(OrderSigner.class)).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(ORDERS)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.nio.charset",
                "java.nio.file",
                "java.security..",
                "java.time",
                "java.util..",
                "org.jspecify..",
                VOCABULARY,
                BODIES,
                TLS,
                ORDERS));
  }

  /** Neither a socket nor a native call: who speaks to systemd brings its own. */
  @Test
  void theWordsForSystemdAreTheJdksAndTheClocks() {
    assertThat(CLASSES.contain(Watchkeeper.class)).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(SUPERVISION)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.io..",
                "java.lang",
                "java.nio",
                "java.nio.charset",
                "java.time..",
                "java.util..",
                "org.jspecify..",
                "java.lang.invoke",
                "java.lang.runtime",
                CLOCK,
                SUPERVISION));
  }

  /** One room reads JSON, so that there is one shape of it. */
  @Test
  void bodiesAloneKnowJson() {
    assertThat(CLASSES.contain(JobJson.class)).isTrue();
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(BODIES)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml.."));
    check(
        classes()
            .that()
            .resideInAPackage(BODIES)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "com.fasterxml..",
                "java.io",
                "java.lang..",
                "java.nio",
                "java.nio.charset",
                "java.util..",
                "org.jspecify..",
                VOCABULARY,
                BODIES));
  }

  /** The rules are tables beside their classes: nothing else is read. */
  @Test
  void healthKnowsTablesAndTheVocabularyOnly() {
    assertThat(CLASSES.contain(RuleCatalogue.class)).isTrue();
    check(
        classes()
            .that()
            .resideInAPackage(HEALTH)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.io",
                "java.lang..",
                "java.nio.charset",
                "java.time..",
                "java.util..",
                "org.jspecify..",
                VOCABULARY,
                HEALTH));
  }

  @Test
  void framesImportBytesAndTheVocabularyOnly() {
    check(
        classes()
            .that()
            .resideInAPackage(FRAMES)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                "java.lang..",
                "java.nio",
                "java.nio.charset",
                "java.security",
                "java.util",
                "java.util.function",
                "java.util.regex",
                "java.util.stream",
                "java.util.zip",
                "org.jspecify..",
                VOCABULARY,
                FRAMES));
  }

  @Test
  void framesAndWhatIsDecodedAreValues() {
    check(
        classes()
            .that()
            .areAssignableTo(Inbound.class)
            .or()
            .areAssignableTo(SampleResult.class)
            .or()
            .areAssignableTo(DesiredResult.class)
            .should()
            .beRecords()
            .orShould()
            .beInterfaces());
  }

  @Test
  void timeAndThreadsHaveOneDoor() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(CLOCK)
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

  @Test
  void packagesFormNoCycle() {
    check(slices().matching("io.millwright.protocol.(*)..").should().beFreeOfCycles());
  }

  @Test
  void whatTravelsIsAValue() {
    check(
        classes()
            .that()
            .resideInAPackage(VOCABULARY)
            .and(
                DescribedPredicate.not(
                    DescribedPredicate.or(
                        DescribedPredicate.describe(
                            "sentences, spelling and characters",
                            c ->
                                c.getSimpleName().equals("Wording")
                                    || c.getSimpleName().equals("Spelling")
                                    || c.getSimpleName().equals("WholeCharacters")),
                        working(SeriesTable.class),
                        working(Sample.class),
                        working(Readings.class))))
            .and()
            .areNotAnonymousClasses()
            .and()
            .haveSimpleNameNotEndingWith("package-info")
            .should()
            .beRecords()
            .orShould()
            .beEnums()
            .orShould()
            .beInterfaces());
  }

  /** The primitive arrays behind the readings, and what builds them, are classes of their own. */
  private static DescribedPredicate<JavaClass> working(Class<?> type) {
    return DescribedPredicate.describe(
        type.getSimpleName(), c -> c.getName().startsWith(type.getName()));
  }

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }
}

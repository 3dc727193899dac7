package io.millwright.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.millwright.protocol.vocabulary.Metric;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the catalogue promises of the collector is told by it, or stands here with the reason. */
class EmittedFamiliesTest {
  private static final String HISTOGRAM =
      "the collector's page has single values alone; a histogram would need a writer of its own";

  private static final Map<String, String> NOT_TOLD =
      Map.of(
          "COLLECTOR_NODE_REPORT_LAG_SECONDS", HISTOGRAM,
          "COLLECTOR_STORE_COMMIT_SECONDS", HISTOGRAM);

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.millwright.collector");

  @Test
  void eachFamilyOfTheCollectorIsToldOrListed() {
    Set<String> told =
        CLASSES.stream()
            .flatMap(type -> type.getFieldAccessesFromSelf().stream())
            .map(JavaFieldAccess::getTarget)
            .filter(field -> field.getOwner().isEquivalentTo(Metric.class))
            .map(field -> field.getName())
            .collect(Collectors.toSet());
    Set<String> silent =
        Arrays.stream(Metric.values())
            .map(Enum::name)
            .filter(name -> name.startsWith("COLLECTOR_") && !told.contains(name))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(silent).as("told nowhere").isEqualTo(new TreeSet<>(NOT_TOLD.keySet()));
  }
}

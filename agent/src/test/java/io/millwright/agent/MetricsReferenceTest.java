package io.millwright.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/metrics.md}, generated from the catalogue and from the code: a family is read where
 * drivers or agent name its constant.
 */
class MetricsReferenceTest {
  private static final Path PAGE = Path.of("..", "docs", "metrics.md");
  private static final Path CATALOGUE =
      Path.of("..", "protocol", "src", "test", "resources", "contract", "metrics-catalogue.tsv");
  private static final int NVML = 5;
  private static final int NEURON = 6;
  private static final int HOST = 7;

  @Test
  void pageSaysWhatIsReadAndWhatIsNot() throws IOException {
    String generated = page(namedByTheProduct(), sources());
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, generated);
    }
    assertThat(PAGE).hasContent(generated);
  }

  @Test
  void someFamiliesAreReadAndSomeAreNot() {
    assertThat(namedByTheProduct())
        .contains(Metric.ACCELERATOR_POWER_WATTS, Metric.NODE_CPU_SECONDS_TOTAL)
        .doesNotContain(Metric.JOB_INFO);
  }

  private static Set<Metric> namedByTheProduct() {
    JavaClasses product =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.millwright.drivers", "io.millwright.agent");
    Set<String> named =
        product.stream()
            .map(JavaClass::getFieldAccessesFromSelf)
            .flatMap(Set::stream)
            .filter(access -> access.getTargetOwner().isEquivalentTo(Metric.class))
            .map(access -> access.getTarget().getName())
            .collect(Collectors.toSet());
    return Arrays.stream(Metric.values())
        .filter(metric -> named.contains(metric.name()))
        .collect(Collectors.toSet());
  }

  private static Map<String, List<String>> sources() throws IOException {
    return Files.readAllLines(CATALOGUE).stream()
        .skip(1)
        .map(line -> List.of(line.split("\t", -1)))
        .collect(Collectors.toMap(List::getFirst, row -> row));
  }

  private static String page(Set<Metric> read, Map<String, List<String>> sources) {
    StringBuilder page =
        new StringBuilder(
            """
            # Metrics

            Generated from the catalogue (`Metric`) and the code by `MetricsReferenceTest`; do not edit.

            A family that is *not read yet* is in the catalogue and on no page. A family that is read is
            absent where the device, the driver or the machine does not have it: never 0, -1 or NaN.
            The labels of an accelerator are `node, accelerator, uuid, vendor, model`; on simulated
            hardware `millwright_accelerator_info` carries `simulated="true"`. In a guest (a vendor's
            virtual machine) the families of the host describe the guest, and sensors, board and
            kernel log may be absent: that is no fault.

            The last column is where the catalogue looks for it, of both vendors and of the host: what the agent reads
            of Neuron devices is in [neuron.md](neuron.md), of the host in [host.md](host.md). Neither vendor's
            families were read from real hardware yet ([hardware-runs.md](hardware-runs.md)).

            """);
    page.append(
        """
        Three tiers: *base* is read on every node, *extended* where `metrics.tier` is `extended` or `all`,
        *optional* where it is `all`. What is not wanted is never asked of the driver.

        """);
    for (Metric.Tier tier : Metric.Tier.values()) {
      page.append(counted(tier, read)).append("\n");
    }
    page.append("\n");
    section(page, "Read", read, sources, true);
    section(page, "Not read yet", read, sources, false);
    return page.toString();
  }

  private static String counted(Metric.Tier tier, Set<Metric> read) {
    List<Metric> families =
        Arrays.stream(Metric.values()).filter(metric -> metric.tier() == tier).toList();
    return "- %s: %d families in the catalogue of the code, %d of them read"
        .formatted(word(tier), families.size(), families.stream().filter(read::contains).count());
  }

  private static String word(Metric.Tier tier) {
    return tier.name().toLowerCase(Locale.ROOT);
  }

  private static void section(
      StringBuilder page,
      String title,
      Set<Metric> read,
      Map<String, List<String>> sources,
      boolean wanted) {
    page.append("## ").append(title).append("\n\n");
    page.append(
        "| family | tier | type | unit | labels | meaning | source in the catalogue |\n|---|---|---|---|---|---|---|\n");
    for (Metric metric : Metric.values()) {
      if (read.contains(metric) == wanted) {
        page.append(row(metric, sources.getOrDefault(metric.familyName(), List.of())));
      }
    }
    page.append("\n");
  }

  private static String row(Metric metric, List<String> source) {
    return "| `%s` | %s | %s | %s | %s | %s | %s |%n"
        .formatted(
            metric.familyName(),
            word(metric.tier()),
            metric.kind().name().toLowerCase(Locale.ROOT),
            metric.unit().word(),
            labels(metric),
            escaped(metric.help()),
            escaped(from(source)));
  }

  private static String labels(Metric metric) {
    List<String> scope = metric.scope().labels();
    String own = String.join(", ", metric.labels().subList(scope.size(), metric.labels().size()));
    return switch (metric.scope()) {
      case ACCELERATOR -> own.isEmpty() ? "accelerator's" : "accelerator's, " + own;
      case NODE -> own.isEmpty() ? "node" : "node, " + own;
      case FLEET -> own;
    };
  }

  private static String from(List<String> row) {
    return row.isEmpty()
        ? ""
        : IntStream.of(NVML, NEURON, HOST)
            .mapToObj(row::get)
            .filter(text -> !text.equals("-"))
            .distinct()
            .collect(Collectors.joining("; "));
  }

  private static String escaped(String text) {
    return text.replace("|", "\\|");
  }
}

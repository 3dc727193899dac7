package io.millwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Metric;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page of an agent as a site runs it, by the tier that its configuration names. */
class TiersTest {
  private static final Map<String, Metric> BY_NAME =
      Arrays.stream(Metric.values())
          .collect(Collectors.toMap(Metric::familyName, Function.identity()));

  @ParameterizedTest
  @CsvSource({"base, BASE", "extended, EXTENDED", "all, OPTIONAL"})
  void thePageHasTheFamiliesOfItsTierAndOfThoseBelow(String word, Metric.Tier most)
      throws Exception {
    SimulatedNode simulated = AgentProcess.simulated("driver_version 595.45.04", "load 0.6");
    try (AgentProcess agent = AgentProcess.up(simulated, "--set", "metrics.tier=" + word)) {
      Set<Metric.Tier> wanted = new TreeSet<>();
      Arrays.stream(Metric.Tier.values())
          .filter(tier -> tier.compareTo(most) <= 0)
          .forEach(wanted::add);
      AgentProcess.soon()
          .ignoreExceptions()
          .untilAsserted(() -> {
            LivePage page = agent.scrape();
            assertThat(page.values("millwright_accelerator_links_up")).hasSize(8).containsOnly(18d);
            assertThat(tiers(page)).isEqualTo(wanted);
          });
      LivePage page = agent.scrape();
      long ofAccelerators =
          page.series().keySet().stream()
              .filter(series -> series.startsWith("millwright_accelerator_"))
              .count();
      System.out.println(
          "tier %s of 8 x B200: %d series on the page, %d of them of accelerators"
              .formatted(word, page.series().size(), ofAccelerators));
    }
  }

  private static Set<Metric.Tier> tiers(LivePage page) {
    return page.series().keySet().stream()
        .map(series -> series.replaceAll("\\{.*", ""))
        .flatMap(name -> Stream.ofNullable(BY_NAME.get(name)))
        .map(Metric::tier)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}

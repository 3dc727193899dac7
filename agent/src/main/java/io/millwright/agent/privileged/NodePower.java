package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/**
 * The power of the whole node, as its management controller measures it (DCMI); where the kernel
 * shows a meter of the whole node, that one is read and this one is not asked.
 */
final class NodePower implements Question {
  private final Series series;
  private final Path device;
  private final BooleanSupplier metered;

  NodePower(String node, Path root, BooleanSupplier metered) {
    this.series = Series.of(Metric.NODE_POWER_WATTS, node, "node");
    this.device = root.resolve("dev/ipmi0");
    this.metered = metered;
  }

  @Override
  public Verb.Read verb() {
    return new Verb.ReadDcmi();
  }

  @Override
  public boolean worthAsking() {
    return Files.exists(device) && !metered.getAsBoolean();
  }

  @Override
  public Optional<List<Row>> rows(Answer answer) {
    if (!(answer instanceof Answer.NodePower(OptionalInt watts, Optional<Fault> fault))) {
      return Optional.empty();
    }
    Reading reading =
        fault
            .<Reading>map(Reading.Unavailable::new)
            .orElseGet(() ->
                watts.isPresent()
                    ? new Reading.Measured(watts.getAsInt())
                    : new Reading.Unsupported());
    return Optional.of(List.of(new Row(series, reading)));
  }
}

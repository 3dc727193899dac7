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

/** The power of the whole node, as its management controller measures it (DCMI). */
final class NodePower implements Question {
  private final Series series;
  private final Path device;

  NodePower(String node, Path root) {
    this.series = Series.of(Metric.NODE_POWER_WATTS, node, "node");
    this.device = root.resolve("dev/ipmi0");
  }

  @Override
  public Verb.Read verb() {
    return new Verb.ReadDcmi();
  }

  @Override
  public boolean worthAsking() {
    return Files.exists(device);
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

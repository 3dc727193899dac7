package io.millwright.agent.privileged;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.launcher.verb.Verb;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who holds the device nodes: how many, where the site wants that family; whose jobs they are,
 * where another scheduler gives the devices out; and who is not of the run that has them.
 */
final class DeviceHolders implements Question {
  private final String node;
  private final Path nodes;
  private final boolean counted;
  private final Optional<Owners> owners;
  private final Optional<ForeignHolders> foreign;
  private final Holders holders;

  /**
   * @param counted whether their number is told
   * @param owners who tells whose they are; empty where nobody wants it
   * @param foreign who tells which of them are not of the run that has it; empty where no jobs are
   */
  DeviceHolders(
      String node,
      Path root,
      boolean counted,
      Optional<Owners> owners,
      Optional<ForeignHolders> foreign,
      Holders holders) {
    this.node = node;
    this.nodes = root.resolve("dev");
    this.counted = counted;
    this.owners = owners;
    this.foreign = foreign;
    this.holders = holders;
  }

  @Override
  public Verb.Read verb() {
    return new Verb.ReadHolders();
  }

  @Override
  public boolean worthAsking() {
    return (NvmeHealth.holds(nodes, "neuron[0-9]*") || NvmeHealth.holds(nodes, "nvidia[0-9]*"))
        && (counted || owners.isPresent() || foreign.filter(ForeignHolders::wanted).isPresent());
  }

  @Override
  public Optional<List<Row>> rows(Answer answer) {
    if (!(answer instanceof Answer.Holdings told)) {
      return Optional.empty();
    }
    holders.told(told);
    foreign.ifPresent(all -> all.look(told));
    List<Row> rows = new ArrayList<>();
    if (counted) {
      told.devices().forEach(one -> rows.add(row(one, told.whole())));
    }
    owners.ifPresent(whose -> rows.addAll(whose.rows(told)));
    return Optional.of(rows);
  }

  /** A count that misses somebody is none. */
  private Row row(Holding device, boolean whole) {
    return new Row(
        Series.of(Metric.NODE_DEVICE_HOLDERS, node, device.device()),
        whole ? new Reading.Measured(device.count()) : new Reading.Unavailable(Fault.OTHER));
  }

  @Override
  public void unanswered() {
    holders.unknown();
  }
}
